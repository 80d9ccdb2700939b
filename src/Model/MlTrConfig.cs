using System.Collections.Immutable;

namespace MlTr.Model;

/// <summary>Where the cross-window layer of a block stands; the paper does not print the order.</summary>
public enum CrossWindowPosition
{
    /// <summary>Pixel, cross, shifted.</summary>
    Middle,

    /// <summary>Pixel, shifted, cross.</summary>
    Last,
}

/// <summary>The sizes and switches of one MlTr network (paper, sections 3 and 4.1); immutable, checked by <see cref="Validate"/>.</summary>
public sealed record MlTrConfig
{
    /// <summary>Height in pixels of the images the network is built for; other heights run too.</summary>
    public int ImageHeight { get; init; } = 224;

    /// <summary>Width in pixels of the images the network is built for; other widths run too.</summary>
    public int ImageWidth { get; init; } = 224;

    /// <summary>Side of a patch in pixels.</summary>
    public int PatchSize { get; init; } = 4;

    /// <summary>Channels of the first stage, C; stage i has C times 2 to the i.</summary>
    public int EmbedDim { get; init; } = 96;

    /// <summary>Side of an attention window in patches.</summary>
    public int WindowSize { get; init; } = 7;

    /// <summary>Blocks of the four stages.</summary>
    public ImmutableArray<int> Depths { get; init; } = [1, 1, 3, 1];

    /// <summary>Heads of pixel attention, stage by stage; each divides the channels of its stage.</summary>
    public ImmutableArray<int> Heads { get; init; } = [3, 6, 12, 24];

    /// <summary>Number of classes, K.</summary>
    public int NumClasses { get; init; } = 80;

    /// <summary>Hidden width of every MLP as a multiple of its channels.</summary>
    public int MlpRatio { get; init; } = 4;

    /// <summary>Drop path rate of the last block, 0 to below 1; the first block has 0.</summary>
    public double DropPathRate { get; init; } = 0.2;

    /// <summary>Epsilon of every layer norm.</summary>
    public double LayerNormEps { get; init; } = 1e-5;

    /// <summary>Scale s of the arc sigmoid (Eq. 13): logits lie in [-s, s].</summary>
    public double ArcScale { get; init; } = 8;

    /// <summary>Whether pixel attention has a learned bias for each relative position (Table 5).</summary>
    public bool RelativePositionBias { get; init; } = true;

    /// <summary>Whether every second pixel layer shifts its windows (Table 5).</summary>
    public bool Shift { get; init; } = true;

    /// <summary>Whether blocks attend between windows (Eqs. 3, 4, 9, 10; Table 5).</summary>
    public bool CrossWindow { get; init; } = true;

    /// <summary>Whether the head compares by cosine (Eq. 13; Table 5) instead of being linear.</summary>
    public bool ArcSigmoid { get; init; } = true;

    /// <summary>Whether the last stage carries the object-aware token and its count head (Eq. 17; Table 5).</summary>
    public bool ObjectToken { get; init; } = true;

    /// <summary>Where the cross-window layer of a block stands.</summary>
    public CrossWindowPosition CrossWindowPosition { get; init; } = CrossWindowPosition.Middle;

    /// <summary>MlTr-s: 224 pixels, 31.6 million parameters with 80 classes (Table 1).</summary>
    public static MlTrConfig Small(int numClasses = 80) => new() { NumClasses = numClasses };

    /// <summary>MlTr-m: 384 pixels, 61.0 million parameters with 80 classes (Table 1).</summary>
    public static MlTrConfig Medium(int numClasses = 80) => Small(numClasses) with
    {
        ImageHeight = 384,
        ImageWidth = 384,
        WindowSize = 12,
        Depths = [1, 1, 9, 1],
    };

    /// <summary>MlTr-l: 384 pixels, 107.5 million parameters with 80 classes (Table 1).</summary>
    public static MlTrConfig Large(int numClasses = 80) => Medium(numClasses) with { EmbedDim = 128, Heads = [4, 8, 16, 32] };

    /// <summary>MlTr-t: 64 pixels, 3.0 million parameters with 80 classes; ours, for a CPU.</summary>
    public static MlTrConfig Tiny(int numClasses = 80) => Small(numClasses) with
    {
        ImageHeight = 64,
        ImageWidth = 64,
        PatchSize = 2,
        EmbedDim = 32,
        WindowSize = 4,
        Depths = [1, 1, 2, 1],
        Heads = [1, 2, 4, 8],
        DropPathRate = 0,
    };

    /// <summary>MlTr-n: 64 pixels, 0.64 million parameters with 80 classes; ours, for tests and demos.</summary>
    public static MlTrConfig Nano(int numClasses = 80) => Tiny(numClasses) with { EmbedDim = 16, Depths = [1, 1, 1, 1] };

    /// <summary>The names <see cref="Named"/> knows.</summary>
    public static ImmutableArray<string> Names { get; } = ["mltr-n", "mltr-t", "mltr-s", "mltr-m", "mltr-l"];

    /// <summary>The named variant with the given number of classes; an <see cref="ArgumentException"/> lists the names if it is none of them.</summary>
    public static MlTrConfig Named(string name, int numClasses) => name switch
    {
        "mltr-s" => Small(numClasses),
        "mltr-m" => Medium(numClasses),
        "mltr-l" => Large(numClasses),
        "mltr-t" => Tiny(numClasses),
        "mltr-n" => Nano(numClasses),
        _ => throw new ArgumentException($"There is no variant '{name}'; known are {string.Join(", ", Names)}.", nameof(name)),
    };

    /// <summary>Width of the features, D: the channels of the last stage.</summary>
    public int FeatureDim => EmbedDim * 8;

    /// <summary>Every reason why no network can be built from this; empty if one can.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> errors = [];
        AtLeastOne(ImageHeight, "The image height");
        AtLeastOne(ImageWidth, "The image width");
        AtLeastOne(PatchSize, "The patch size");
        AtLeastOne(EmbedDim, "The embedding width");
        AtLeastOne(WindowSize, "The window size");
        AtLeastOne(NumClasses, "The number of classes");
        AtLeastOne(MlpRatio, "The MLP ratio");
        FourOf(Depths, "block counts");
        if (FourOf(Heads, "head counts"))
        {
            for (var i = 0; i < 4; i++)
            {
                var channels = (long)EmbedDim << i;
                if (Heads[i] >= 1 && EmbedDim >= 1 && channels % Heads[i] != 0)
                {
                    errors.Add($"{Heads[i]} heads do not divide the {channels} channels of stage {i}.");
                }
            }
        }

        Require(DropPathRate is >= 0 and < 1, $"The drop path rate is {DropPathRate}; it must be at least 0 and below 1.");
        Require(LayerNormEps is > 0 and < 1, $"The layer norm epsilon is {LayerNormEps}; it must be between 0 and 1.");
        Require(ArcScale > 0 && double.IsFinite(ArcScale), $"The arc scale is {ArcScale}; it must be positive.");
        Require(Enum.IsDefined(CrossWindowPosition), $"The cross-window position {CrossWindowPosition} is unknown.");
        return errors;

        void AtLeastOne(int value, string what) => Require(value >= 1, $"{what} is {value}; it must be at least 1.");

        bool FourOf(ImmutableArray<int> values, string what)
        {
            if (values.IsDefault || values.Length != 4)
            {
                errors.Add($"There must be four {what}, one for each stage.");
                return false;
            }

            Require(values.All(v => v >= 1), $"All {what} must be at least 1; they are {string.Join(", ", values)}.");
            return true;
        }

        void Require(bool holds, string error)
        {
            if (!holds)
            {
                errors.Add(error);
            }
        }
    }

    /// <summary>Throws an <see cref="ArgumentException"/> that lists all of <see cref="Validate"/>'s errors, if there are any.</summary>
    public void ThrowIfInvalid()
    {
        var errors = Validate();
        if (errors.Count > 0)
        {
            throw new ArgumentException($"This is no MlTr network: {string.Join(" ", errors)}");
        }
    }

    /// <summary>Sizes of the four stages, fixed when the network is built.</summary>
    internal ImmutableArray<StagePlan> Plan()
    {
        ThrowIfInvalid();
        var stages = ImmutableArray.CreateBuilder<StagePlan>(4);
        var (h, w) = (CeilDiv(ImageHeight, PatchSize), CeilDiv(ImageWidth, PatchSize));
        for (var i = 0; i < 4; i++)
        {
            var window = Math.Min(WindowSize, Math.Min(h, w));
            var shift = !Shift || Math.Min(h, w) <= WindowSize ? 0 : window / 2;
            var windows = CeilDiv(h, window) * CeilDiv(w, window);
            stages.Add(new StagePlan(i, h, w, EmbedDim << i, Heads[i], Depths[i], window, shift, windows, CrossWindow && windows > 1));
            (h, w) = (CeilDiv(h, 2), CeilDiv(w, 2));
        }

        return stages.MoveToImmutable();
    }

    /// <summary>Equal if all settings are, the lists element by element.</summary>
    public bool Equals(MlTrConfig? other) => other is not null && Key().Equals(other.Key())
        && Depths.AsSpan().SequenceEqual(other.Depths.AsSpan()) && Heads.AsSpan().SequenceEqual(other.Heads.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => Key().GetHashCode();

    private (ValueTuple<int, int, int, int, int, int, int>, ValueTuple<double, double, double>, ValueTuple<bool, bool, bool, bool, bool, CrossWindowPosition>) Key() => (
        (ImageHeight, ImageWidth, PatchSize, EmbedDim, WindowSize, NumClasses, MlpRatio),
        (DropPathRate, LayerNormEps, ArcScale),
        (RelativePositionBias, Shift, CrossWindow, ArcSigmoid, ObjectToken, CrossWindowPosition));

    private static int CeilDiv(int a, int b) => (a + b - 1) / b;
}

/// <summary>One stage as built: map height and width, channels, heads, blocks, window side, shift, window count, cross-window layers or not.</summary>
internal sealed record StagePlan(
    int Index, int Height, int Width, int Channels, int Heads, int Depth, int Window, int Shift, int Windows, bool Cross);
