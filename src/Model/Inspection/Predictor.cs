using System.Globalization;
using MlTr.Model.Checkpoints;
using MlTr.Model.Data;
using MlTr.Model.Data.Loading;
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

    private Predictor(MlTrClassifier network, Device device, IReadOnlyList<double>? thresholds)
    {
        (this.network, this.device, Thresholds) = (network, device, thresholds);
        ImageSize = network.Config.ImageHeight;
    }

    /// <summary>The network's sizes.</summary>
    public MlTrConfig Config => network.Config;

    /// <summary>Names of the classes; their numbers where the run did not know them.</summary>
    public IReadOnlyList<string> ClassNames { get; private init; } = [];

    /// <summary>Side in pixels of the pictures that the network was trained on.</summary>
    public int ImageSize { get; private init; }

    /// <summary>For each class the threshold that was best on the validation set of the run; null where that is not known.</summary>
    public IReadOnlyList<double>? Thresholds { get; }

    /// <summary>
    /// Loads the result of a run; <see cref="InvalidDataException"/> names what is damaged or does not fit.
    /// </summary>
    /// <param name="checkpoint">A checkpoint folder, or a run's folder: then its best checkpoint.</param>
    /// <param name="averaged">
    /// Whether to take the averaged weights, where the run kept them; null takes those that did better on the validation set, and the averaged ones
    /// where they were not evaluated.
    /// </param>
    /// <param name="device">Where to compute.</param>
    public static Predictor FromCheckpoint(string checkpoint, bool? averaged = null, string device = "cpu")
    {
        var (folder, state) = CheckpointStore.OpenBest(checkpoint);
        return Open(CheckpointStore.WeightsOf(folder, state, averaged), state.Config, device, state.ClassNames, state.ImageSize, state.Thresholds);
    }

    /// <summary>Loads a safetensors file or PyTorch state dict with all weights of a network of the given configuration.</summary>
    public static Predictor FromWeights(string path, MlTrConfig config, string device = "cpu") => FromWeights(path, config, classNames: null, device);

    /// <summary>Loads such a file for a network whose classes have these names.</summary>
    public static Predictor FromWeights(string path, MlTrConfig config, IReadOnlyList<string>? classNames, string device = "cpu") => Open(path, config, device, classNames, imageSize: 0, thresholds: null);

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
        var counts = Evaluator.Counts(output);
        return [.. Evaluator.Scores(output).Select((row, i) => new Prediction(
            [.. row.Select((score, k) => new FoundLabel(k, score)).Where(l => l.Probability > thresholds[l.Class]).OrderByDescending(l => l.Probability)],
            row,
            counts?[i]))];
    }

    /// <summary>One prediction for each picture of a source, in its order, each with its index there.</summary>
    /// <param name="source">Pictures of the network's number of classes.</param>
    /// <param name="batchSize">Pictures computed at once.</param>
    /// <param name="threshold">A class is found if its score is above.</param>
    /// <param name="ct">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    public IEnumerable<(int Index, Prediction Prediction)> PredictAll(IBatchSource source, int batchSize = 32, double threshold = 0.5, CancellationToken ct = default) =>
        PredictAll(source, [.. Enumerable.Repeat(threshold, Config.NumClasses)], batchSize, ct);

    /// <summary>
    /// One prediction for each picture of a source, in its order, where each class has a threshold of its own, such as <see cref="Thresholds"/>;
    /// <see cref="ArgumentException"/> unless there are K.
    /// </summary>
    public IEnumerable<(int Index, Prediction Prediction)> PredictAll(IBatchSource source, IReadOnlyList<double> thresholds, int batchSize = 32, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(thresholds);
        foreach (var batch in source.ReadPass(0, batchSize, ImageSize, training: false, skipBatches: 0, ct))
        {
            using var owned = batch;
            foreach (var pair in batch.Indices.Zip(Predict(batch.Images, thresholds)))
            {
                yield return pair;
            }
        }
    }

    /// <summary>One prediction for a picture file (JPEG, PNG or WebP); <see cref="DatasetFormatException"/> if it cannot be read.</summary>
    public Prediction PredictFile(string path, double threshold = 0.5) => PredictFile(path, [.. Enumerable.Repeat(threshold, Config.NumClasses)]);

    /// <summary>
    /// One prediction for a picture file, where each class has a threshold of its own, such as <see cref="Thresholds"/>;
    /// <see cref="ArgumentException"/> unless there are K.
    /// </summary>
    public Prediction PredictFile(string path, IReadOnlyList<double> thresholds)
    {
        using var source = PictureFiles.Open([path], ClassNames, maxBadShare: 0);
        return PredictAll(source, thresholds).Single().Prediction;
    }

    /// <summary>The figures of the network on a whole source with labels; <see cref="ArgumentException"/> if it has another number of classes.</summary>
    /// <param name="source">Pictures with labels.</param>
    /// <param name="batchSize">Pictures computed at once.</param>
    /// <param name="onPredicted">Called after each picture.</param>
    /// <param name="ct">Stops with an <see cref="OperationCanceledException"/>.</param>
    public Evaluation Evaluate(IBatchSource source, int batchSize = 32, Action? onPredicted = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.NumClasses != Config.NumClasses)
        {
            throw new ArgumentException($"The set has {source.NumClasses} classes, the network {Config.NumClasses}.", nameof(source));
        }

        return Evaluator.Run(source, batchSize, ImageSize, Describe, onPredicted, ct);
    }

    /// <summary>
    /// The network's answers for a part of a set, for <see cref="ScoredPictures.Merge"/>. The classes are found by name; an <see cref="ArgumentException"/>
    /// names those that the network does not know.
    /// </summary>
    /// <param name="set">The whole set.</param>
    /// <param name="part">The part, from 0.</param>
    /// <param name="parts">How many parts the set has.</param>
    /// <param name="imageSize">Side of the pictures in pixels; 0 for that of the training.</param>
    /// <param name="threads">Pictures computed at the same time on the CPU.</param>
    /// <param name="onPredicted">Called after each picture, from any thread.</param>
    /// <param name="ct">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <remarks>
    /// On the CPU each picture is computed alone and by one thread: libtorch's last bits depend on the other pictures of a batch and on the number of
    /// threads. So neither the number of parts nor that of threads changes a bit of a score. Other devices compute fixed batches of a part.
    /// </remarks>
    public ScoredPictures Score(ImageSet set, int part, int parts, int imageSize = 0, int threads = 1, Action? onPredicted = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        var columns = ClassColumns.Of(ClassNames, set.Classes);
        var indices = SetParts.IndicesOf(set, part, parts);
        using var source = new ImageSetBatchSource(
            set with { Images = [.. indices.Select(index => set.Images[index])] },
            new BatchSourceOptions { Augmentations = Augmentations.None, MaxBadShare = 1, KeepDecoded = false });
        var side = imageSize > 0 ? imageSize : ImageSize;
        var before = get_num_threads();
        try
        {
            set_num_threads(1);
            var (scores, counts) = device.type == DeviceType.CPU
                ? Evaluator.Gather(source, 1, side, Describe, onPredicted, ct, columns, threads)
                : Evaluator.Gather(source, 32, side, Describe, onPredicted, ct, columns);
            return ScoredPictures.Of(indices, source, scores, columns.Length == Config.NumClasses ? counts : null);
        }
        finally
        {
            set_num_threads(before);
        }
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
            foreach (var batch in source.ReadPass(0, batchSize, ImageSize, training: false, skipBatches: 0, cancellation))
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

    /// <summary>
    /// Where class <paramref name="k"/> is seen in a picture file, laid over it: a PNG as large as the network sees pictures.
    /// <see cref="DatasetFormatException"/> if the file cannot be read.
    /// </summary>
    /// <param name="path">JPEG, PNG or WebP.</param>
    /// <param name="k">Index of the class.</param>
    /// <param name="onlyHottest">Whether everything but the hottest area is dimmed, instead of coloured by its heat.</param>
    public byte[] HeatMapOfFile(string path, int k, bool onlyHottest = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(k, Config.NumClasses);
        using var source = PictureFiles.Open([path], ClassNames, maxBadShare: 0);
        return HeatMapOf(source, k, onlyHottest);
    }

    /// <summary>A heat map as PNG of a picture that lies in memory; see <see cref="HeatMapOfFile"/>.</summary>
    public byte[] HeatMapOfBytes(byte[] picture, int k, bool onlyHottest = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(k, Config.NumClasses);
        using var source = PictureFiles.OpenBytes(picture, ClassNames);
        return HeatMapOf(source, k, onlyHottest);
    }

    private byte[] HeatMapOf(ImageSetBatchSource source, int k, bool onlyHottest)
    {
        using var batch = source.ReadPass(0, 1, ImageSize, training: false, skipBatches: 0, default).Single();
        using var map = HeatMap(batch.Images, k);
        return HeatMapPicture.Overlay(source.ReadPicture(0, ImageSize)!, map, onlyHottest);
    }

    /// <inheritdoc/>
    public void Dispose() => network.Dispose();

    private static Predictor Open(string path, MlTrConfig config, string device, IReadOnlyList<string>? classNames, int imageSize, IReadOnlyList<double>? thresholds)
    {
        NativeTorch.EnsureLoaded();
        var network = new MlTrClassifier(config);
        try
        {
            using var file = WeightFile.Load(path);
            network.LoadWeights(file);
            var place = new Device(device);
            network.to(place);
            network.eval();
            return new Predictor(network, place, thresholds)
            {
                ClassNames = classNames ?? [.. Enumerable.Range(0, config.NumClasses).Select(k => k.ToString(CultureInfo.InvariantCulture))],
                ImageSize = imageSize > 0 ? imageSize : config.ImageHeight,
            };
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }
}
