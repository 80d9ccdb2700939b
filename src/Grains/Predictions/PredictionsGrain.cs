using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Predictions;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Placement;
using Orleans.Concurrency;

namespace MlTr.Grains.Predictions;

/// <summary>Holds what one trial's best checkpoint says; has it computed elsewhere, so that no turn is long.</summary>
[ControlSilo, Reentrant]
internal sealed partial class PredictionsGrain(ITrialPredictor predictor, ILogger<PredictionsGrain> logger) : Grain, IPredictionsGrain
{
    private static readonly TimeSpan KeptWhileComputing = TimeSpan.FromHours(2);

    private readonly LiveHub<PredictionsSnapshot> _hub = new();
    private PredictionBoard? _board;
    private string _dataset = "";
    private string? _problem;
    private double _share = -1; // written by the computing thread; below 0 while others are computed
    private Task? _computing;
    private Task? _look;

    private TrialId Id => TrialId.Parse(this.GetPrimaryKeyString());

    public async Task<PredictionsSnapshot> GetAsync()
    {
        if (_board is null && _computing is null && _problem is null)
        {
            await (_look ??= LookAsync());
        }

        return Snapshot();
    }

    public async Task<PredictionsSnapshot> StartAsync()
    {
        var source = await SourceAsync();
        if (_computing is null)
        {
            (_problem, _share) = (null, -1);
            DelayDeactivation(KeptWhileComputing);
            _computing = ComputeAsync(source);
            Show();
        }

        return Snapshot();
    }

    public IAsyncEnumerable<PredictionsSnapshot> WatchAsync(CancellationToken cancellationToken) => _hub.WatchAsync(NowAsync(), cancellationToken);

    public Task<PredictionPage> GetPageAsync(PredictionQuery query)
    {
        var board = Board();
        return query.Class is { } k && (k < 0 || k >= board.Scores.Classes.Length)
            ? throw new PredictionsException(string.Create(CultureInfo.InvariantCulture, $"The trial has the classes 0 to {board.Scores.Classes.Length - 1}."))
            : Task.FromResult(board.Find(query with { Skip = Math.Max(0, query.Skip), Take = Math.Clamp(query.Take, 1, PictureQuery.MaxTake) }));
    }

    public Task<PredictedPicture> GetPictureAsync(int index) => Task.FromResult(BoardWith(index).Picture(index));

    public Task<ImmutableArray<Confusion>> GetConfusionsAsync(int count) => Task.FromResult(Board().Confusions(Math.Clamp(count, 1, 100)));

    public Task<ImmutableArray<SizePrecision>> GetSizePrecisionAsync() => Task.FromResult(Board().Scores.SizePrecision);

    public Task<CoPredictions> GetCoPredictionsAsync() => Task.FromResult(Board().Together);

    public async Task<ImmutableArray<SimilarPicture>> GetSimilarAsync(int index, int count)
    {
        var board = BoardWith(index);
        var nearest = await predictor.NearestAsync(board.Scores, index, Math.Clamp(count, 1, 50));
        return [.. nearest.Select(one => new SimilarPicture(board.Picture(one.Index), one.Cosine))];
    }

    public async Task<PictureFile> GetHeatMapAsync(int index, int classIndex, bool onlyHottest)
    {
        var board = BoardWith(index);
        return classIndex < 0 || classIndex >= board.Scores.Classes.Length
            ? throw new PredictionsException(string.Create(CultureInfo.InvariantCulture, $"The trial has the classes 0 to {board.Scores.Classes.Length - 1}."))
            : await predictor.HeatMapAsync(await SourceAsync(), index, classIndex, onlyHottest);
    }

    public async Task<OwnPrediction> PredictAsync(ImmutableArray<byte> picture) => picture.Length > OwnPrediction.MaxBytes
        ? throw new PredictionsException($"The picture has more than {OwnPrediction.MaxBytes / 1024 / 1024} MiB: make it smaller.")
        : await predictor.PredictAsync(await SourceAsync(), picture);

    private async Task<PredictionSource> SourceAsync()
    {
        var details = await GrainFactory.GetGrain<ITrialGrain>(this.GetPrimaryKeyString()).GetDetailsAsync();
        var sweep = await GrainFactory.GetGrain<ISweepGrain>(Id.SweepId).GetSnapshotAsync();
        _dataset = sweep.Spec.Dataset;
        var dataset = await GrainFactory.GetGrain<IDatasetGrain>(_dataset).GetSnapshotAsync();
        return new PredictionSource(Id, details.Checkpoints.IsDefault ? [] : details.Checkpoints, dataset);
    }

    /// <summary>Takes up what an earlier process has computed.</summary>
    private async Task LookAsync()
    {
        await Task.Yield(); // the caller first keeps the task that is forgotten below
        try
        {
            var source = await SourceAsync();
            if (await predictor.LoadAsync(source) is { } known)
            {
                _board ??= new PredictionBoard(known);
            }
        }
        catch (PredictionsException)
        {
            // Nothing to take up; starting says what is missing.
        }
        finally
        {
            _look = null;
        }
    }

    private async IAsyncEnumerable<PredictionsSnapshot> NowAsync()
    {
        yield return await GetAsync();
    }

    private void Show()
    {
        if (_hub.HasWatchers)
        {
            _hub.Publish(Snapshot());
        }
    }

    private async Task ComputeAsync(PredictionSource source)
    {
        await Task.Yield(); // the caller first keeps the task that is forgotten below
        var (turns, told) = (TaskScheduler.Current, -1);
        try
        {
            var scores = await predictor.ScoreAsync(source, Tell, CancellationToken.None);
            _board = new PredictionBoard(scores);
            LogComputed(Id.ToString(), scores.Step, _board.Count);
        }
        catch (Exception error)
        {
            _problem = error.Message;
            LogFailed(error, Id.ToString());
        }
        finally
        {
            _computing = null;
            Show();
        }

        // On the computing thread: what is shown is shown on a turn of the grain, and a hundred times are enough.
        void Tell(double share)
        {
            Volatile.Write(ref _share, share);
            if (told != (int)(share * 100))
            {
                told = (int)(share * 100);
                Task.Factory.StartNew(Show, CancellationToken.None, TaskCreationOptions.DenyChildAttach, turns).Ignore();
            }
        }
    }

    private PredictionsSnapshot Snapshot()
    {
        var share = Volatile.Read(ref _share);
        var (state, progress) = _computing is not null ? (share < 0 ? PredictionsState.Waiting : PredictionsState.Running, Math.Max(0, share))
            : _problem is not null ? (PredictionsState.Failed, 0)
            : _board is not null ? (PredictionsState.Ready, 1)
            : (PredictionsState.None, 0);
        var scores = _board?.Scores;
        return new PredictionsSnapshot(
            state, progress, _problem, scores?.Step ?? 0, _dataset, predictor.Split, _board?.Count ?? 0, scores?.Classes ?? [], scores?.Thresholds ?? []);
    }

    private PredictionBoard Board() => _board ?? throw new PredictionsException("The predictions of this trial have not been computed yet: start them first.");

    private PredictionBoard BoardWith(int index) => Board() is var board && board.Has(index)
        ? board
        : throw new PredictionsException(string.Create(CultureInfo.InvariantCulture, $"There is no prediction for a picture {index} of the {predictor.Split} split."));

    [LoggerMessage(LogLevel.Information, "Predictions of trial {Trial} at step {Step}: {PictureCount} pictures")]
    private partial void LogComputed(string trial, long step, int pictureCount);

    [LoggerMessage(LogLevel.Warning, "Predictions of trial {Trial} could not be computed")]
    private partial void LogFailed(Exception error, string trial);
}
