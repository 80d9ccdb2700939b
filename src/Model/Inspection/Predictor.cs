using MlTr.Model.Checkpoints;
using MlTr.Model.Native;
using MlTr.Model.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MlTr.Model.Inspection;

/// <summary>A class found in a picture.</summary>
/// <param name="Class">Index of the class.</param>
/// <param name="Probability">Its score, 0 to 1.</param>
public sealed record FoundLabel(int Class, double Probability);

/// <summary>What a network says about one picture.</summary>
/// <param name="Labels">Classes with a score above the threshold, the likeliest first.</param>
/// <param name="Scores">The score of every class.</param>
/// <param name="Count">How many classes the count head expects; null without one.</param>
public sealed record Prediction(IReadOnlyList<FoundLabel> Labels, IReadOnlyList<float> Scores, int? Count);

/// <summary>A trained network that only answers. Not for several threads at once.</summary>
public sealed class Predictor : IDisposable
{
    private readonly MlTrClassifier network;
    private readonly Device device;

    private Predictor(MlTrClassifier network, Device device, IReadOnlyList<double>? thresholds = null) =>
        (this.network, this.device, Thresholds) = (network, device, thresholds);

    /// <summary>The network's sizes.</summary>
    public MlTrConfig Config => network.Config;

    /// <summary>For each class the threshold that was best on the validation set of the run; null where that is not known.</summary>
    public IReadOnlyList<double>? Thresholds { get; }

    /// <summary>
    /// Loads a checkpoint folder of a run; <see cref="InvalidDataException"/> names what is damaged or does not fit.
    /// </summary>
    /// <param name="checkpoint">The folder.</param>
    /// <param name="averaged">
    /// Whether to take the averaged weights, where the run kept them; null takes those that did better on the validation set, and the averaged ones
    /// where they were not evaluated.
    /// </param>
    /// <param name="device">Where to compute.</param>
    public static Predictor FromCheckpoint(string checkpoint, bool? averaged = null, string device = "cpu")
    {
        var opened = CheckpointStore.Open(checkpoint);
        var averages = Path.Combine(checkpoint, CheckpointStore.Averages);
        var evaluated = opened.State.Thresholds is not null;
        var wanted = averaged ?? (opened.State.AveragedIsBetter || !evaluated);
        var file = wanted && File.Exists(averages) ? averages : Path.Combine(checkpoint, CheckpointStore.Weights);
        return Load(file, opened.State.Config, device, opened.State.Thresholds);
    }

    /// <summary>Loads a safetensors file of weights into a network of the given configuration.</summary>
    public static Predictor FromWeights(string path, MlTrConfig config, string device = "cpu") => Load(path, config, device, thresholds: null);

    private static Predictor Load(string path, MlTrConfig config, string device, IReadOnlyList<double>? thresholds)
    {
        NativeTorch.EnsureLoaded();
        var network = new MlTrClassifier(config);
        try
        {
            using var file = Safetensors.Load(path);
            network.LoadWeights(file);
            var place = new Device(device);
            network.to(place);
            network.eval();
            return new Predictor(network, place, thresholds);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>One prediction for each of the normalised images [B, 3, H, W]; a class is found if its score is above the threshold.</summary>
    public IReadOnlyList<Prediction> Predict(Tensor images, double threshold = 0.5) =>
        Predict(images, [.. Enumerable.Repeat(threshold, Config.NumClasses)]);

    /// <summary>
    /// One prediction for each of the normalised images [B, 3, H, W], where each class has a threshold of its own, such as
    /// <see cref="Metrics.MultiLabelReport.BestThresholds"/> of a validation set; <see cref="ArgumentException"/> unless there are K thresholds.
    /// </summary>
    public IReadOnlyList<Prediction> Predict(Tensor images, IReadOnlyList<double> thresholds)
    {
        ArgumentNullException.ThrowIfNull(thresholds);
        if (thresholds.Count != Config.NumClasses)
        {
            throw new ArgumentException($"{Config.NumClasses} classes need as many thresholds; these are {thresholds.Count}.", nameof(thresholds));
        }

        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        using var output = Describe(images);
        var classes = Config.NumClasses;
        var scores = output.Logits.sigmoid().cpu().data<float>().ToArray();
        var counts = output.CountLogits?.argmax(-1).cpu().data<long>().ToArray();
        return [.. scores.Chunk(classes).Select((row, i) => new Prediction(
            [.. row.Select((score, k) => new FoundLabel(k, score)).Where(l => l.Probability > thresholds[l.Class]).OrderByDescending(l => l.Probability)],
            row,
            counts is null ? null : (int)counts[i]))];
    }

    /// <summary>Everything the network gives for normalised images [B, 3, H, W]; the caller disposes it.</summary>
    public MlTrOutput Describe(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var noGradient = no_grad();
        using var moved = images.to(device).alias();
        return FreedNumbers.DoAgain(() => network.call(moved));
    }

    /// <summary>The features of every picture of a set, in its order: [N, D] on the CPU, for <see cref="Neighbours"/>, <see cref="PrincipalComponents"/> and <see cref="TSne"/>; the caller disposes it.</summary>
    public Tensor Features(IBatchSource source, int batchSize = 64, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        using var noGradient = no_grad();
        List<Tensor> parts = [];
        try
        {
            foreach (var batch in source.ReadPass(0, batchSize, Config.ImageHeight, training: false, skipBatches: 0, cancellation))
            {
                using var owned = batch;
                using var output = Describe(batch.Images);
                parts.Add(output.Features.cpu().alias().DetachFromDisposeScope()); // a source may have a scope of its own open
            }

            return cat(parts, 0);
        }
        finally
        {
            parts.ForEach(part => part.Dispose());
        }
    }

    /// <summary>Where class <paramref name="k"/> is seen in one normalised image [1, 3, H, W]: [H, W], values 0 to 1; the caller disposes it.</summary>
    public Tensor HeatMap(Tensor image, int k)
    {
        ArgumentNullException.ThrowIfNull(image);
        using var noGradient = no_grad();
        using var output = Describe(image);
        return HeatMaps.OfClass(output.FeatureMap[0], network.HeadWeight[k], (int)image.shape[2], (int)image.shape[3]);
    }

    /// <inheritdoc/>
    public void Dispose() => network.Dispose();
}
