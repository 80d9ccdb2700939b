using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Trials;
using MlTr.Model.Checkpoints;
using MlTr.Model.Data;
using MlTr.Model.Data.Loading;
using MlTr.Model.Data.Marks;
using MlTr.Model.Native;
using MlTr.Model.Training;
using MlTr.Silo.Artifacts;
using MlTr.Silo.Datasets;
using MlTr.Silo.Hosting;
using MlTr.Silo.Workers;

namespace MlTr.Silo.Trials;

/// <summary>Runs a trial with the model's trainer, in its folder under the data folder, from the newest recorded checkpoint that is complete there.</summary>
internal sealed class ModelTrialRunner(int threads, DataFolder data, CheckpointCopies copies, IMlTrClient client, DatasetCopies datasets, TrialPictures pictures, TimeProvider clock) : ITrialRunner
{
    public void Run(TrialAssignment trial, Action<RunnerReport> report, CancellationToken cancellationToken)
    {
        try
        {
            Train(trial, report, cancellationToken);
        }
        catch (Exception error) when (TrialFailures.Of(error) is { } failure)
        {
            throw failure;
        }
    }

    private void Train(TrialAssignment trial, Action<RunnerReport> report, CancellationToken cancellationToken)
    {
        NativeTorch.EnsureLoaded();
        var dataset = Fetch(trial.Dataset, report, cancellationToken);
        var sets = ModelDatasetSource.SweepSplits.Select(split => (Split: split, Set: DatasetFolder.Open(dataset.Folder, dataset.Format, split, ct: cancellationToken))).ToList();
        var options = TrainerSettings.Map(trial.Parameters, [.. sets[0].Set.Classes], trial.Device, threads);
        var folder = new TrialFolder(data.Trial(trial.Id.SweepId, trial.Id.Number), copies, trial.Attempt, options.KeepEveryPasses);
        var recorded = ControlCalls.Ask(() => client.GetTrialAsync(trial.Id), cancellationToken).Checkpoints;
        var found = folder.FindStart(recorded);
        var steps = (long)options.Passes * ImageSetBatchSource.StepsPerPass(sets[0].Set.Images.Count, options.BatchSize, dropLast: true);
        var gpu = GpuMeter.TryOpen(options.Device);
        report(new TrialStarted(found.Newest?.State.Step ?? 0, steps, Environment(options, gpu)));
        foreach (var problem in found.Problems)
        {
            report(new TrialLogged("warning", problem));
        }

        var decoded = pictures.Get(dataset, sets, options.EffectiveImageSize, report, cancellationToken);
        var source = TrainerSettings.Source(trial.Parameters);
        using var train = new ImageSetBatchSource(sets[0].Set, source, decoded[0]);
        using var validation = new ImageSetBatchSource(sets[1].Set, source, decoded[1]);
        if (found.Newest is null) // else the trainer says where it goes on
        {
            report(new TrialLogged("info", $"Training {HyperParameters.Complete(trial.Parameters)["variant"]} on {train.Count} pictures, validating on {validation.Count}"));
        }

        var checkpoints = new Checkpoints(folder, recorded, copies, options.KeepLastCheckpoints, report);
        var meter = new ResourceMeter(gpu, clock);
        var result = Trainer.Run(options, train, validation, folder.Own, found.Newest, said => Forward(said, report, checkpoints, meter), cancellationToken);
        checkpoints.RemoveEarlierAttempts(result.BestStep);
        if (MarksDataset.TryReadManifest(dataset.Folder) is { } manifest)
        {
            var figures = LookAlikes.Measure(result.Best.Scores, validation.Labels, manifest).Figures();
            report(new TrialProgress(result.Step, [.. figures.Select(figure => new MetricPoint(figure.Key, result.Step, figure.Value))]));
        }

        report(new TrialLogged("info", string.Create(CultureInfo.InvariantCulture, $"Done after {result.Step} steps, best mAP {result.BestMap:P1} at step {result.BestStep}")));
    }

    private DatasetSnapshot Fetch(string datasetId, Action<RunnerReport> report, CancellationToken cancellationToken)
    {
        var said = "";
        var dataset = datasets.OnThisMachine(client, datasetId, cancellationToken, share =>
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"the files of {datasetId}, which come to this machine: {share:P0} done");
            if (text != said)
            {
                report(new TrialWaits(said = text));
            }
        });
        if (said.Length > 0)
        {
            report(new TrialWaits(null));
        }

        return dataset;
    }

    private static void Forward(TrainerReport said, Action<RunnerReport> report, Checkpoints checkpoints, ResourceMeter meter)
    {
        switch (said)
        {
            case TrainerReport.Point point:
                report(new TrialProgress(point.Step, [new MetricPoint(point.Name, point.Step, point.Value), .. point.Name == MetricNames.ImagesPerSecond ? meter.Sample(point.Step) : []]));
                break;
            case TrainerReport.Line line:
                report(new TrialLogged("info", line.Text));
                break;
            case TrainerReport.CheckpointWritten written:
                checkpoints.Add(written);
                break;
        }
    }

    private static string Environment(TrainerOptions options, GpuMeter? gpu) => string.Join(
        ", ",
        $"MlTr {Version(typeof(ModelTrialRunner).Assembly)}",
        $"TorchSharp {typeof(TorchSharp.torch).Assembly.GetName().Version?.ToString(3)}",
        RuntimeInformation.FrameworkDescription,
        RuntimeInformation.RuntimeIdentifier,
        gpu?.Name is { } name ? $"{options.Device} ({name})" : options.Device,
        string.Create(CultureInfo.InvariantCulture, $"{options.Threads} threads"),
        options.Precision.ToString().ToLowerInvariant());

    /// <summary>The version, and the commit where it was built from one: 0.1.0 (commit 1a2b3c4d5e).</summary>
    private static string? Version(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+') is [var version, { Length: >= 10 } commit, ..]
            ? $"{version} (commit {commit[..10]})"
            : assembly.GetName().Version?.ToString(3);

    /// <summary>Tells of checkpoints as they come, and of those that have been deleted since.</summary>
    private sealed class Checkpoints(
        TrialFolder folder, ImmutableArray<CheckpointSnapshot> recorded, CheckpointCopies copies, int keepLast, Action<RunnerReport> report)
    {
        private readonly List<string> _known = [];
        private int _written;
        private bool _isAnyMissing;

        public void Add(TrainerReport.CheckpointWritten written)
        {
            if (!Try($"The checkpoint at step {written.Step} was not copied", () => copies.Put(written.Path)))
            {
                _isAnyMissing = true; // and so it is not recorded: another worker could not go on from it
                return;
            }

            report(new TrialCheckpointed(written.Step, written.Path, written.Bytes, written.Sha256));
            _known.Add(written.Path);
            foreach (var gone in _known.Where(path => !Directory.Exists(path)).ToList())
            {
                _known.Remove(gone);
                report(new TrialCheckpointRemoved(gone));
                Try("A copy of an old checkpoint was not deleted", () => copies.Delete(gone));
            }

            if (++_written == keepLast)
            {
                // As many as are kept: from here on, those of earlier attempts are not needed to go on.
                RemoveEarlierAttempts(CheckpointStore.Open(written.Path).State.BestStep);
            }
        }

        public void RemoveEarlierAttempts(long bestStep)
        {
            if (_isAnyMissing)
            {
                return; // what this attempt has may not be enough
            }

            Try("Old checkpoints were not deleted", () =>
            {
                foreach (var gone in folder.RemoveEarlierAttempts(bestStep))
                {
                    // Under the name that its own worker recorded it by.
                    report(new TrialCheckpointRemoved(recorded.FirstOrDefault(one => folder.Here(one) == gone)?.Path ?? gone));
                }
            });
        }

        private bool Try(string otherwise, Action action)
        {
            try
            {
                action();
                return true;
            }
            catch (ArtifactStoreException error)
            {
                report(new TrialLogged("warning", $"{otherwise}: {error.Message}"));
                return false;
            }
        }
    }
}
