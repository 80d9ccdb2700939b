using System.Collections.Immutable;
using MlTr.Abstractions.Trials;

namespace MlTr.Silo.Hosting;

internal sealed partial class StoppingClient
{
    public Task<ImmutableArray<string>> SetTagsAsync(string sweepId, ImmutableArray<string> tags, string by = "client") => client.SetTagsAsync(sweepId, tags, by);

    public Task SetArchivedAsync(string sweepId, bool archived = true, string by = "client") => client.SetArchivedAsync(sweepId, archived, by);

    public Task<ImmutableArray<string>> SetTagsAsync(TrialId id, ImmutableArray<string> tags, string by = "client") => client.SetTagsAsync(id, tags, by);

    public Task SetNotesAsync(string sweepId, string markdown, string by = "client") => client.SetNotesAsync(sweepId, markdown, by);

    public Task SetNotesAsync(TrialId id, string markdown, string by = "client") => client.SetNotesAsync(id, markdown, by);

    public Task<string> GetNotesAsync(string sweepId) => client.GetNotesAsync(sweepId);

    public Task<string> GetNotesAsync(TrialId id) => client.GetNotesAsync(id);

    public IAsyncEnumerable<string> WatchNotesAsync(string sweepId, CancellationToken cancellationToken = default) =>
        UntilStop(token => client.WatchNotesAsync(sweepId, token), cancellationToken);

    public IAsyncEnumerable<string> WatchNotesAsync(TrialId id, CancellationToken cancellationToken = default) => UntilStop(token => client.WatchNotesAsync(id, token), cancellationToken);
}
