using System.Collections.Immutable;
using System.Runtime.InteropServices;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Predictions;
using MlTr.Grains.Predictions;
using MlTr.Model.Checkpoints;
using MlTr.Model.Data;
using MlTr.Model.Data.Loading;
using MlTr.Model.Inspection;
using MlTr.Model.Native;
using MlTr.Silo.Artifacts;
using MlTr.Silo.Datasets;
using MlTr.Silo.Hosting;
using MlTr.Silo.Trials;
using static TorchSharp.torch;

namespace MlTr.Silo.Predictions;

/// <summary>Predicts with the model on this process's CPU, one thing at a time; the network of the last trial is kept for the next question.</summary>
internal sealed class ModelTrialPredictor(DataFolder data, CheckpointCopies copies, OpenSets sets) : ITrialPredictor, IDisposable
{
    // Half of the cores: the others belong to the dashboard, and to the workers.
    private static readonly int Threads = Math.Max(1, Environment.ProcessorCount / 2);

    private readonly SemaphoreSlim _one = new(1);
    private (string Checkpoint, Predictor Network)? _last;

    public string Split => "validation";

    public Task<TrialScores?> LoadAsync(PredictionSource source) => RunAsync<TrialScores?>(() =>
    {
        var (checkpoint, set) = (BestCheckpoint.Find(data, copies, source), sets.Open(source.Dataset, Split));
        return FileOf(source, checkpoint, set).TryLoad() is { } kept ? Scores(checkpoint, set, kept.Survey, kept.Unread) : null;
    });

    public Task<TrialScores> ScoreAsync(PredictionSource source, Action<double> progress, CancellationToken cancellationToken) => RunAsync(() =>
    {
        progress(0);
        var (checkpoint, set) = (BestCheckpoint.Find(data, copies, source), sets.Open(source.Dataset, Split));
        var file = FileOf(source, checkpoint, set);
        if (file.TryLoad() is { } kept)
        {
            return Scores(checkpoint, set, kept.Survey, kept.Unread);
        }

        using var pictures = new ImageSetBatchSource(set, new BatchSourceOptions { Augmentations = Augmentations.None, MaxBadShare = 1, LoaderThreads = 1 });
        var survey = Survey.Of(Network(checkpoint), pictures, onPredicted: done => progress((double)done / pictures.Count), ct: cancellationToken);
        var bad = pictures.BadPictures.Select(picture => picture.Path).ToHashSet();
        ImmutableHashSet<int> unread = [.. Enumerable.Range(0, set.Images.Count).Where(index => bad.Contains(set.Images[index].Path))];
        file.Save(survey, unread);
        return Scores(checkpoint, set, survey, unread);
    });

    public Task<ImmutableArray<(int Index, double Cosine)>> NearestAsync(TrialScores scores, int index, int count) => RunAsync(() =>
    {
        using var scope = NewDisposeScope();
        var features = tensor(ImmutableCollectionsMarshal.AsArray(scores.Features)!, [scores.Paths.Length, scores.Features.Length / scores.Paths.Length]);
        return Neighbours.Of(features, index, count + scores.Unread.Count)
            .Where(near => !scores.Unread.Contains(near.Index)).Take(count).Select(near => (near.Index, near.Cosine)).ToImmutableArray();
    });

    public Task<PictureFile> HeatMapAsync(PredictionSource source, int index, int classIndex, bool onlyHottest) => RunAsync(() =>
    {
        var set = sets.Open(source.Dataset, Split);
        var map = Network(BestCheckpoint.Find(data, copies, source)).HeatMapOfBytes(set.ReadBytes(set.Images[index]), classIndex, onlyHottest);
        return new PictureFile(ImmutableCollectionsMarshal.AsImmutableArray(map), "image/png");
    });

    public Task<OwnPrediction> PredictAsync(PredictionSource source, ImmutableArray<byte> picture) => RunAsync(() =>
    {
        var bytes = ImmutableCollectionsMarshal.AsArray(picture)!;
        var (small, type) = Thumbnail.Make(bytes, 480); // first: it tells best what is wrong with a file
        var network = Network(BestCheckpoint.Find(data, copies, source));
        using var one = PictureFiles.OpenBytes(bytes, network.ClassNames);
        var said = network.PredictAll(one, batchSize: 1).Single().Prediction;
        var thresholds = ThresholdsOf(network.Thresholds, network.ClassNames.Count);
        return new OwnPrediction(
            new PictureFile(ImmutableCollectionsMarshal.AsImmutableArray(small), type),
            [.. said.Scores.Select((score, k) => new ClassVerdict(k, score, (float)thresholds[k], null)).OrderByDescending(verdict => verdict.Score)],
            said.Count);
    });

    public void Dispose()
    {
        _last?.Network.Dispose();
        _one.Dispose();
    }

    private Predictor Network(TrainerCheckpoint checkpoint)
    {
        if (_last is not { } last || last.Checkpoint != checkpoint.Folder)
        {
            _last?.Network.Dispose();
            _last = null;
            _last = (checkpoint.Folder, Predictor.FromCheckpoint(checkpoint.Folder));
        }

        return _last!.Value.Network;
    }

    private ScoreFile FileOf(PredictionSource source, TrainerCheckpoint checkpoint, ImageSet set)
    {
        var known = checkpoint.State.ClassNames;
        return known is not null && !known.SequenceEqual(set.Classes)
            ? throw new PredictionsException($"The classes of {source.Dataset.Id} have changed since this trial learnt them: the checkpoint no longer fits.")
            : new ScoreFile(data.Trial(source.Trial.SweepId, source.Trial.Number), checkpoint, set);
    }

    private static TrialScores Scores(TrainerCheckpoint checkpoint, ImageSet set, Survey survey, ImmutableHashSet<int> unread) => new(
        checkpoint.State.Step,
        [.. set.Classes],
        ThresholdsOf(checkpoint.State.Thresholds, set.Classes.Count),
        [.. set.Images.Select(image => image.Path)],
        [.. set.Images.SelectMany(image => image.Labels)],
        ImmutableCollectionsMarshal.AsImmutableArray(survey.Scores),
        ImmutableCollectionsMarshal.AsImmutableArray(survey.Features),
        unread)
    {
        SizePrecision = SizeFigures.Of(set, survey.Scores, unread),
    };

    private static ImmutableArray<double> ThresholdsOf(IReadOnlyList<double>? best, int classes) => best is null ? [.. Enumerable.Repeat(0.5, classes)] : [.. best];

    /// <summary>Alone, on a thread of its own, and with words for what fails.</summary>
    private async Task<T> RunAsync<T>(Func<T> work)
    {
        await _one.WaitAsync();
        try
        {
            return await Task.Factory.StartNew(
                () =>
                {
                    NativeTorch.EnsureLoaded();
                    set_num_threads(Threads);
                    return work();
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (Exception error) when (error is BadPictureException or DatasetFormatException)
        {
            throw new PredictionsException($"The picture cannot be read: {error.Message}");
        }
        catch (ExternalException error)
        {
            throw new PredictionsException(TorchFailure.Explain(error));
        }
        catch (Exception error) when (error is DatasetContentsException or NativeTorchException or InvalidDataException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new PredictionsException(error.Message);
        }
        finally
        {
            _one.Release();
        }
    }
}
