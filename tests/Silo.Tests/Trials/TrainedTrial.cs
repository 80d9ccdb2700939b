using System.Collections.Immutable;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Trials;
using MlTr.Silo.Artifacts;
using MlTr.Silo.Datasets;
using MlTr.Silo.Hosting;
using MlTr.Silo.Trials;
using MlTr.Testing;

namespace MlTr.Silo.Tests.Trials;

/// <summary>Trains a trial really, for two passes at 32 pixels.</summary>
internal static class TrainedTrial
{
    /// <returns>Its checkpoints.</returns>
    public static ImmutableArray<CheckpointSnapshot> Train(TrialId id, DataFolder data, DatasetSnapshot dataset)
    {
        var client = new FakeMlTrClient();
        client.Datasets[dataset.Id] = dataset;
        client.Trials[id] = new TrialDetails(
            new TrialSnapshot(
                id, TrialState.Running, ImmutableSortedDictionary<string, ParameterValue>.Empty, 0, 0, null, ImmutableSortedDictionary<string, double>.Empty, 1, "cpu-0", null,
                DateTimeOffset.UnixEpoch, null, null),
            [], [], [], ImmutableSortedDictionary<string, ParameterValue>.Empty, ImmutableSortedDictionary<string, double>.Empty);
        var values = HyperParameters.Complete(ImmutableSortedDictionary<string, ParameterValue>.Empty)
            .SetItem("passes", ParameterValue.Of(2L)).SetItem("image_size", ParameterValue.Of(32L)).SetItem("learning_rate", ParameterValue.Of(1e-3));
        List<TrialCheckpointed> saved = [];
        new ModelTrialRunner(threads: 1, data, new CheckpointCopies(data, store: null), client, new DatasetCopies(data), TrialPictures.None, TimeProvider.System).Run(
            new TrialAssignment(id, 1, 1, dataset.Id, values, "cpu"), report => saved.AddRange(new[] { report }.OfType<TrialCheckpointed>()), TestContext.Current.CancellationToken);
        return [.. saved.Select(one => new CheckpointSnapshot(1, one.Step, one.Path, one.Bytes, one.Sha256, DateTimeOffset.UnixEpoch))];
    }
}
