using MlTr.Model.Native;

namespace MlTr.Model.Checkpoints;

/// <summary>A checkpoint without what only training needs.</summary>
/// <param name="State">Where its run stood.</param>
/// <param name="Bytes">Size of the weights file.</param>
/// <param name="Sha256">Checksum of the weights file, hexadecimal.</param>
public sealed record ExportedCheckpoint(TrainerState State, long Bytes, string Sha256);

public sealed partial class CheckpointStore
{
    private const string Card = "model.json";

    /// <summary>The weights file that a checkpoint is used with.</summary>
    /// <param name="checkpoint">The checkpoint's folder.</param>
    /// <param name="state">Its state.</param>
    /// <param name="averaged">
    /// Whether to take the averaged weights, where the run kept them; null takes those that did better on the validation set, and the averaged ones
    /// where they were not evaluated.
    /// </param>
    internal static string WeightsOf(string checkpoint, TrainerState state, bool? averaged = null)
    {
        var averages = Path.Combine(checkpoint, Averages);
        var wanted = averaged ?? (state.AveragedIsBetter || state.Thresholds is null);
        return wanted && File.Exists(averages) ? averages : Path.Combine(checkpoint, Weights);
    }

    /// <summary>
    /// Copies what is needed to use a checkpoint, not to go on with it: the weights that did better (<c>weights.safetensors</c>), the state, and for
    /// people and other programs <c>model.json</c> with configuration, class names and thresholds. The new folder is a checkpoint that
    /// <see cref="OpenBest"/> opens; it appears complete or not at all. <see cref="InvalidDataException"/> names what is missing or damaged,
    /// <see cref="IOException"/> says why it cannot be written, or that there is such a folder already.
    /// </summary>
    /// <param name="checkpoint">The checkpoint's folder.</param>
    /// <param name="folder">The new folder.</param>
    /// <param name="origin">Where it comes from, for <c>model.json</c>.</param>
    public static ExportedCheckpoint Export(string checkpoint, string folder, IReadOnlyDictionary<string, string> origin)
    {
        var (_, state) = Open(checkpoint);
        var parent = Path.GetDirectoryName(Path.GetFullPath(folder))!;
        Directory.CreateDirectory(parent);
        var temporary = Path.Combine(parent, Unfinished + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(temporary);
        try
        {
            var written = Fill(
                temporary,
                (Weights, path => Copy(WeightsOf(checkpoint, state), path)),
                (StateFile, path => Write(path, state)),
                (Card, path => Write(path, new CardContent(origin, state.Step, state.Map, state.Config, state.ImageSize, state.ClassNames, state.Thresholds))));
            Directory.Move(temporary, folder);
            DirectorySync.Flush(parent);
            return new ExportedCheckpoint(state, written[Weights].Bytes, written[Weights].Sha256);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Directory.Delete(temporary, recursive: true);
            throw;
        }
    }

    private static void Copy(string from, string to)
    {
        using var source = File.OpenRead(from);
        using var target = new FileStream(to, FileMode.CreateNew);
        source.CopyTo(target);
        target.Flush(flushToDisk: true);
    }

    private sealed record CardContent(
        IReadOnlyDictionary<string, string> Origin,
        long Step,
        double? Map,
        MlTrConfig Config,
        int ImageSize,
        IReadOnlyList<string>? ClassNames,
        IReadOnlyList<double>? Thresholds);
}
