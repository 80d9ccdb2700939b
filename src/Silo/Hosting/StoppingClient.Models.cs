using System.Collections.Immutable;
using MlTr.Abstractions.Models;
using MlTr.Abstractions.Trials;

namespace MlTr.Silo.Hosting;

internal sealed partial class StoppingClient
{
    public Task<ModelVersion> RegisterModelAsync(string name, TrialId trial, ModelCheckpoint checkpoint = ModelCheckpoint.Best, string by = "client") =>
        client.RegisterModelAsync(name, trial, checkpoint, by);

    public Task<ImmutableArray<ModelSnapshot>> ListModelsAsync() => client.ListModelsAsync();

    public Task<ModelSnapshot> GetModelAsync(string name) => client.GetModelAsync(name);

    public Task<ModelSnapshot> SetModelStageAsync(string name, int version, ModelStage stage, string reason = "on request", string by = "client") =>
        client.SetModelStageAsync(name, version, stage, reason, by);

    public Task DeleteModelVersionAsync(string name, int version, string reason = "on request", string by = "client") =>
        client.DeleteModelVersionAsync(name, version, reason, by);

    public IAsyncEnumerable<ImmutableArray<byte>> ReadModelPackageAsync(string name, int version, CancellationToken cancellationToken = default) =>
        UntilStop(token => client.ReadModelPackageAsync(name, version, token), cancellationToken);

    public Task RestoreModelVersionAsync(string name, int version, string reason = "on request", string by = "client") =>
        client.RestoreModelVersionAsync(name, version, reason, by);

    public Task PurgeModelVersionAsync(string name, int version, string by = "client") => client.PurgeModelVersionAsync(name, version, by);

    public IAsyncEnumerable<ModelSnapshot> WatchModelAsync(string name, CancellationToken cancellationToken = default) =>
        UntilStop(token => client.WatchModelAsync(name, token), cancellationToken);

    public IAsyncEnumerable<ImmutableArray<ModelSnapshot>> WatchModelsAsync(CancellationToken cancellationToken = default) => UntilStop(client.WatchModelsAsync, cancellationToken);
}
