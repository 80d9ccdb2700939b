using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MlTr.Model.Checkpoints;
using MlTr.Model.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MlTr.Model.Training;

/// <summary>Trains one network from start, or from a checkpoint, to end. Belongs on a thread of its own.</summary>
public static class Trainer
{
    /// <summary>The name of its <see cref="ActivitySource"/>.</summary>
    public const string TraceName = "MlTr.Trainer";

    /// <summary>The span of a run's first training step, from its batch being there to the weights being updated.</summary>
    public const string FirstStepTrace = "mltr.train.first_step";

    /// <summary>
    /// Trains, evaluates, and writes checkpoints; a run continued from a checkpoint ends with the same bits as one never interrupted. Cancelling
    /// stops it within a step: it writes a checkpoint and throws <see cref="OperationCanceledException"/>. Throws <see cref="ArgumentException"/>
    /// with all errors of the options, <see cref="InvalidDataException"/> for a checkpoint of another run, and
    /// <see cref="TrainingFailedException"/> when a loss or gradient is no number or a checkpoint cannot be written.
    /// </summary>
    public static TrainerResult Run(
        TrainerOptions options,
        IBatchSource train,
        IBatchSource validation,
        string checkpointFolder,
        TrainerCheckpoint? resume,
        Action<TrainerReport> onReport,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(validation);
        ArgumentNullException.ThrowIfNull(onReport);
        NativeTorch.EnsureLoaded();
        Check(options, train, validation);

        set_num_threads(options.Threads); // before any other use of torch: the setting is the calling thread's own
        using var run = new TrainerRun(options, train, validation, checkpointFolder, onReport, fresh: resume is null);
        if (resume is not null)
        {
            run.Restore(resume);
        }

        return run.ToEnd(cancellation);
    }

    private static void Check(TrainerOptions options, IBatchSource train, IBatchSource validation)
    {
        List<string> errors = [.. options.Validate()];
        foreach (var (name, source) in new[] { ("training", train), ("validation", validation) })
        {
            if (source.NumClasses != options.Config.NumClasses)
            {
                errors.Add($"The {name} set has {source.NumClasses} classes, the network {options.Config.NumClasses}.");
            }
        }

        if (options.BatchSize >= 1 && train.StepsPerPass(options.BatchSize, dropLast: true) < 1)
        {
            errors.Add($"The training set of {train.Count} pictures does not fill one batch of {options.BatchSize}.");
        }

        if (options.Precision != Precision.Fp32 && Autocast.Unavailable is { } why)
        {
            errors.Add($"Precision {options.Precision.ToString().ToLowerInvariant()} is unavailable: {why}.");
        }

        if (options.Device != "cpu" && !cuda.is_available())
        {
            errors.Add($"Device {options.Device} is unavailable: this build of libtorch sees no CUDA device.");
        }

        if (errors.Count > 0)
        {
            throw new ArgumentException($"This cannot be trained: {string.Join(" ", errors)}");
        }
    }
}

/// <summary>The moving parts of one run.</summary>
internal sealed class TrainerRun : IDisposable
{
    private static readonly ActivitySource Trace = new(Trainer.TraceName);

    private readonly TrainerOptions options;
    private readonly IBatchSource train, validation;
    private readonly Action<TrainerReport> report;
    private readonly CheckpointStore store;
    private readonly Device device;
    private readonly MlTrClassifier network;
    private readonly Tensor[] weights;
    private readonly AdamW optimizer;
    private readonly BatchGradients gradients;
    private readonly WeightAverage? average;
    private readonly int stepsPerPass;
    private readonly string dataDigest, validationDigest;
    private readonly SortedDictionary<string, string> recipe;
    private readonly Stopwatch sinceCheckpoint = Stopwatch.StartNew(), sincePoint = Stopwatch.StartNew(), waiting = new();

    private long step, evaluatedStep, bestStep, savedStep = -1, picturesSincePoint;
    private double? bestMap, map;
    private double[] sums = new double[TrainerState.SumCount];
    private LossScaler? scaler;
    private IReadOnlyList<double>? thresholds;
    private bool averagedIsBetter, stepped;
    private (Evaluation Raw, Evaluation? Averaged)? evaluated;
    private string checkpoint = string.Empty;
    private readonly HashSet<string> noticed = [];

    public TrainerRun(TrainerOptions options, IBatchSource train, IBatchSource validation, string folder, Action<TrainerReport> report, bool fresh)
    {
        (this.options, this.train, this.validation, this.report) = (options, train, validation, report);
        store = new CheckpointStore(folder, options.KeepLastCheckpoints, options.KeepEveryPasses);
        device = new Device(options.Device);
        Reseed(-1);
        network = new MlTrClassifier(options.Config);
        if (fresh && options.InitialWeights is not null)
        {
            LoadInitialWeights(options.InitialWeights);
        }

        network.to(device);
        network.train();
        var named = network.NamedWeights();
        weights = [.. named.Select(w => w.Value)];
        gradients = new BatchGradients(options, network, weights, device);
        optimizer = new AdamW(named, options.WeightDecay, options.AdamBeta2, options.AdamEpsilon);
        scaler = options.Precision == Precision.Fp16 ? new LossScaler() : null;
        average = options.EmaDecay > 0 ? new WeightAverage(named, options.EmaDecay) : null;
        stepsPerPass = train.StepsPerPass(options.BatchSize, dropLast: true);
        dataDigest = Digest(train.Labels);
        validationDigest = Digest(validation.Labels); // before an evaluation marks what it cannot read
        recipe = Recipe.Of(options, train);
    }

    private long TotalSteps => (long)options.Passes * stepsPerPass;

    public void Restore(TrainerCheckpoint from)
    {
        var state = from.State;
        ThrowIfAnotherRun(state);
        var places = (state.Threads, state.Device, state.AccumulationParts);
        if (places != (options.Threads, options.Device, options.AccumulationParts))
        {
            var difference = state.AccumulationParts != options.AccumulationParts && options.Config.DropPathRate > 0
                ? "each part drops its own paths, so that the weights differ as after another seed."
                : "the weights will not be the same to the last bit.";
            report(new TrainerReport.Line(
                $"Continuing a run of {Place(state.Threads, state.Device, state.AccumulationParts)} with {Place(options.Threads, options.Device, options.AccumulationParts)}: {difference}"));
        }

        if (state.ValidationDigest is not null && state.ValidationDigest != validationDigest)
        {
            report(new TrainerReport.Line("Continuing with other validation pictures: figures from before, the best mAP among them, do not compare with those to come."));
        }

        if (state.Step > TotalSteps)
        {
            throw new InvalidDataException($"The checkpoint has made {state.Step} of {TotalSteps} steps.");
        }

        Load(from.Folder, CheckpointStore.Weights, network.NamedWeights());
        Load(from.Folder, CheckpointStore.Optimizer, optimizer.State);
        if (average is not null)
        {
            Load(from.Folder, CheckpointStore.Averages, average.State);
        }

        (step, evaluatedStep, bestMap, bestStep, map) = (state.Step, state.EvaluatedStep, state.BestMap, state.BestStep, state.Map);
        (savedStep, checkpoint, sums) = (step, from.Folder, [.. state.Sums]);
        (thresholds, averagedIsBetter) = (state.Thresholds, state.AveragedIsBetter);
        scaler = scaler is null ? null : new LossScaler(state.LossScale ?? LossScaler.Start, state.GoodSteps);
        report(new TrainerReport.Line($"Continued at step {step} of {TotalSteps}."));
    }

    private void ThrowIfAnotherRun(TrainerState state)
    {
        var differences = Recipe.Differences(state, recipe).ToList();
        if (differences.Count == 0 && (state.Config != options.Config || state.Seed != options.Seed || state.StepsPerPass != stepsPerPass))
        {
            differences.Add("its network, seed or batch size differs");
        }

        if (state.DataDigest != dataDigest)
        {
            differences.Add("its training pictures have other labels");
        }

        if (differences.Count > 0)
        {
            throw new InvalidDataException(
                $"The checkpoint belongs to another run: {string.Join("; ", differences)}. Go on with the values it had, or start a new run from its weights.");
        }
    }

    private static string Place(int threads, string device, int parts) => $"{threads} threads, {device} and {parts} accumulation parts";

    public TrainerResult ToEnd(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                if (step > 0 && step % stepsPerPass == 0)
                {
                    AtEndOfPass(cancellation);
                }

                if (step == TotalSteps)
                {
                    break;
                }

                RunPass(cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            // A step is never left half made, so this is a place to continue from.
            SaveUnlessSaved();
            throw;
        }

        var (raw, averaged) = evaluated ??= EvaluateNow(cancellation); // a finished run resumed
        return new TrainerResult(step, TotalSteps, raw, averaged, bestMap, bestStep, checkpoint);
    }

    public void Dispose()
    {
        average?.Dispose();
        optimizer.Dispose();
        network.Dispose();
    }

    private void RunPass(CancellationToken cancellation)
    {
        var (pass, skip) = ((int)(step / stepsPerPass), (int)(step % stepsPerPass));
        var left = stepsPerPass - skip;
        waiting.Start();
        foreach (var batch in train.ReadPass(pass, options.BatchSize, options.EffectiveImageSize, training: true, skip, cancellation))
        {
            waiting.Stop();
            using (batch)
            using (stepped ? null : Trace.StartActivity(Trainer.FirstStepTrace))
            {
                stepped = true;
                cancellation.ThrowIfCancellationRequested();
                Step(batch);
                ReportNotice(train);
            }

            if (--left == 0)
            {
                break; // the end of a pass has its own checkpoint, after the evaluation
            }

            if (options.CheckpointEverySeconds > 0 && sinceCheckpoint.Elapsed.TotalSeconds >= options.CheckpointEverySeconds)
            {
                Save();
            }

            waiting.Start();
        }

        waiting.Stop();
        if (left > 0)
        {
            throw new InvalidOperationException($"The training set ended {left} batches before the end of pass {pass}.");
        }
    }

    private void Step(Batch batch)
    {
        using var scope = NewDisposeScope();
        var (rate, beta1) = OneCycle.At(step, TotalSteps, options.LearningRate, options.WarmupShare, options.StartDivisor, options.EndDivisor);
        var losses = FreedNumbers.DoAgain(() =>
        {
            Reseed(step);
            return gradients.Compute(batch, step, scaler?.Scale ?? 1);
        });
        var norm = FinishGradients();
        if (norm is not null)
        {
            optimizer.Step(rate, beta1);
            average?.Update(step);
        }

        step++;
        map = null;
        picturesSincePoint += batch.Indices.Length;
        AddPoint(rate, losses, norm);
    }

    /// <summary>Takes the loss scale off the gradients and clips them; their norm, or null if they overflowed and the step is to be skipped.</summary>
    private double? FinishGradients()
    {
        using var noGradient = no_grad();
        Tensor[] all = [.. weights.Select(w => w.grad).OfType<Tensor>()];
        var scale = scaler?.Scale ?? 1;
        var norm = TensorLists.Norm(all).ToDouble() / scale;
        if (scaler?.TryUpdate(double.IsFinite(norm)) == true && !double.IsFinite(norm))
        {
            return null;
        }

        if (!double.IsFinite(norm))
        {
            throw new TrainingFailedException(step, $"the norm of the gradients is {norm}. A smaller learning rate may help.");
        }

        var factor = options.GradientClip > 0 && norm > options.GradientClip ? options.GradientClip / norm / scale : 1 / scale;
        if (factor != 1)
        {
            TensorLists.Scale(all, factor);
        }

        return norm;
    }

    private void AddPoint(double rate, LossValues losses, double? norm)
    {
        double[] newest = [1, losses.Total, losses.Classes, losses.Token, norm ?? 0, norm is null ? 0 : 1];
        sums = [.. sums.Zip(newest, (sum, value) => sum + value)];
        if (step % options.LogEverySteps != 0)
        {
            return;
        }

        Point("train/loss", sums[1] / sums[0]);
        Point($"train/loss_{(options.Loss == LossKind.Asl ? "asl" : options.Loss == LossKind.Bce ? "bce" : "focal")}", sums[2] / sums[0]);
        if (options.Config.ObjectToken)
        {
            Point("train/loss_otl", sums[3] / sums[0]);
        }

        Point("train/grad_norm", sums[5] > 0 ? sums[4] / sums[5] : null);
        Point("train/loss_scale", scaler?.Scale);
        Point("train/skipped_steps", scaler is null ? null : sums[0] - sums[5]);
        Point("train/learning_rate", rate);
        var seconds = Math.Max(sincePoint.Elapsed.TotalSeconds, 1e-9);
        Point("train/images_per_second", picturesSincePoint / seconds);
        Point("train/data_wait_share", Math.Min(1, waiting.Elapsed.TotalSeconds / seconds));
        sums = new double[TrainerState.SumCount];
        picturesSincePoint = 0;
        sincePoint.Restart();
        waiting.Reset();
    }

    private void AtEndOfPass(CancellationToken cancellation)
    {
        var passes = step / stepsPerPass;
        var last = step == TotalSteps;
        var improved = false;
        if (evaluatedStep != step && (last || (options.EvaluateEveryPasses > 0 && passes % options.EvaluateEveryPasses == 0)))
        {
            evaluated = EvaluateNow(cancellation);
            evaluatedStep = step;
            var (raw, averaged) = evaluated.Value;
            map = new[] { raw.Metrics.Map, averaged?.Metrics.Map }.Max(); // undefined only where both are
            improved = map is not null && (bestMap is null || map > bestMap);
            if (improved)
            {
                (bestMap, bestStep) = (map, step);
            }

            savedStep = savedStep == step ? -1 : savedStep; // saved before it was evaluated: save again with the result
        }

        if (last || improved || (options.CheckpointEveryPasses > 0 && passes % options.CheckpointEveryPasses == 0) || (options.KeepEveryPasses > 0 && passes % options.KeepEveryPasses == 0))
        {
            SaveUnlessSaved();
        }
    }

    private (Evaluation Raw, Evaluation? Averaged) EvaluateNow(CancellationToken cancellation)
    {
        var raw = Evaluate(cancellation);
        Evaluation? averaged = null;
        if (average is not null)
        {
            using var swapped = average.Swap();
            averaged = Evaluate(cancellation);
        }

        averagedIsBetter = averaged is not null && (averaged.Metrics.Map ?? 0) >= (raw.Metrics.Map ?? 0);
        var best = averagedIsBetter ? averaged! : raw;
        var m = best.Metrics;
        thresholds = [.. m.BestThresholds.Select(t => t?.Threshold ?? 0.5)];
        Point("val/mAP_raw", raw.Metrics.Map);
        Point("val/mAP_ema", averaged?.Metrics.Map);
        foreach (var (name, value) in best.Figures())
        {
            Point($"val/{name}", value);
        }

        for (var k = 0; k < m.ClassAp.Count; k++)
        {
            Point($"val/AP/{options.ClassName(k)}", m.ClassAp[k]);
        }

        if (m.NanScores > 0)
        {
            Point("val/nan_scores", m.NanScores);
            report(new TrainerReport.Line($"{m.NanScores} validation scores after step {step} are no numbers; they count as not predicted."));
        }

        sincePoint.Restart(); // evaluation is no training time
        waiting.Reset();
        picturesSincePoint = 0;
        return (raw, averaged);
    }

    private Evaluation Evaluate(CancellationToken cancellation)
    {
        network.eval();
        try
        {
            var evaluation = Evaluator.Run(validation, options.EvaluationBatchSize, options.EffectiveImageSize, images => FreedNumbers.DoAgain(() => Answer(images)), null, cancellation);
            ReportNotice(validation);
            return evaluation;
        }
        finally
        {
            network.train();
        }
    }

    private void ReportNotice(IBatchSource source)
    {
        if (source.Notice is { } notice && noticed.Add(notice))
        {
            report(new TrainerReport.Line(notice));
        }
    }

    private MlTrOutput Answer(Tensor images)
    {
        using var half = Autocast.Of(options.Precision, device);
        return network.call(images.to(device));
    }

    private void Point(string name, double? value)
    {
        if (value is not null)
        {
            report(new TrainerReport.Point(name, step, value.Value));
        }
    }

    private void SaveUnlessSaved()
    {
        if (savedStep != step)
        {
            Save();
        }
    }

    private void Save()
    {
        var state = new TrainerState
        {
            Step = step,
            Pass = (int)(step / stepsPerPass),
            BatchInPass = (int)(step % stepsPerPass),
            StepsPerPass = stepsPerPass,
            Seed = options.Seed,
            Threads = options.Threads,
            Device = options.Device,
            AccumulationParts = options.AccumulationParts,
            Recipe = recipe,
            Config = options.Config,
            ClassNames = options.ClassNames,
            ImageSize = options.ImageSize,
            DataDigest = dataDigest,
            ValidationDigest = validationDigest,
            EvaluatedStep = evaluatedStep,
            Map = evaluatedStep == step ? map : null,
            BestMap = bestMap,
            BestStep = bestStep,
            Sums = sums,
            LossScale = scaler?.Scale,
            GoodSteps = scaler?.GoodSteps ?? 0,
            Thresholds = evaluatedStep == step ? thresholds : null,
            AveragedIsBetter = evaluatedStep == step && averagedIsBetter,
        };
        List<(string, IReadOnlyList<(string, Tensor)>)> files = [(CheckpointStore.Weights, network.NamedWeights()), (CheckpointStore.Optimizer, optimizer.State)];
        if (average is not null)
        {
            files.Add((CheckpointStore.Averages, average.State));
        }

        TrainerReport.CheckpointWritten written;
        try
        {
            written = store.Save(state, files);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var rest = checkpoint.Length == 0 ? "There is no earlier one." : $"The one before, {Path.GetFileName(checkpoint)}, is kept: make room and continue from it.";
            throw new TrainingFailedException(step, $"the checkpoint cannot be written: {e.Message.TrimEnd('.')}. {rest}", e);
        }

        (savedStep, checkpoint) = (step, written.Path);
        sinceCheckpoint.Restart();
        report(written);
    }

    private void LoadInitialWeights(string path)
    {
        using var file = WeightFile.Load(path);
        foreach (var line in network.LoadMatching(file).Lines())
        {
            report(new TrainerReport.Line(line));
        }
    }

    private static void Load(string folder, string file, IReadOnlyList<(string Name, Tensor Value)> targets)
    {
        using var tensors = Safetensors.Load(Path.Combine(folder, file));
        WeightLoading.CopyInto(targets, tensors);
    }

    private void Reseed(long forStep)
    {
        var seed = Seeds.Mix(options.Seed, forStep);
        _ = manual_seed(seed);
        if (device.type == DeviceType.CUDA)
        {
            cuda.manual_seed_all(seed);
        }
    }

    private static string Digest(sbyte[,] labels)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(labels.GetLength(0)));
        hash.AppendData(BitConverter.GetBytes(labels.GetLength(1)));
        if (labels.Length > 0)
        {
            hash.AppendData(MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref labels[0, 0], labels.Length)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
