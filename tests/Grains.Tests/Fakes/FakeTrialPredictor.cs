using System.Collections.Concurrent;
using System.Collections.Immutable;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Predictions;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Predictions;

namespace MlTr.Grains.Tests.Fakes;

/// <summary>Says of two pictures that one shows the class and one does not; a test may make a trial wait, or fail.</summary>
internal sealed class FakeTrialPredictor : ITrialPredictor
{
    private readonly ConcurrentDictionary<TrialId, Func<Task>> _hooks = new();

    public string Split => "validation";

    public ConcurrentDictionary<TrialId, int> Computed { get; } = new();

    /// <summary>Called before a trial's scores are computed.</summary>
    public void Before(TrialId trial, Func<Task> hook) => _hooks[trial] = hook;

    public Task<TrialScores?> LoadAsync(PredictionSource source) => Task.FromResult<TrialScores?>(null);

    public async Task<TrialScores> ScoreAsync(PredictionSource source, Action<double> progress, CancellationToken cancellationToken)
    {
        Computed.AddOrUpdate(source.Trial, 1, (_, count) => count + 1);
        progress(0.5);
        if (_hooks.TryGetValue(source.Trial, out var hook))
        {
            await hook();
        }

        return new TrialScores(source.Checkpoints.Max(one => one.Step), ["disc"], [0.5], ["a.png", "b.png"], [1, 1], [0.9f, 0.1f], [], []);
    }

    public Task<ImmutableArray<(int Index, double Cosine)>> NearestAsync(TrialScores scores, int index, int count) => Task.FromResult<ImmutableArray<(int, double)>>([(1 - index, 0.5)]);

    public Task<PictureFile> HeatMapAsync(PredictionSource source, int index, int classIndex, bool onlyHottest) => Task.FromResult(new PictureFile([1], "image/png"));

    public Task<OwnPrediction> PredictAsync(PredictionSource source, ImmutableArray<byte> picture) => Task.FromResult(new OwnPrediction(new PictureFile(picture, "image/png"), [], null));
}
