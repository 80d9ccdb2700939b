using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using MlTr.Abstractions.Notes;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;

namespace MlTr.Testing;

public sealed partial class FakeMlTrClient
{
    /// <summary>The notes of sweeps and trials, by their ids as text.</summary>
    public ConcurrentDictionary<string, string> Notes { get; } = [];

    public async Task<ImmutableArray<string>> SetTagsAsync(string sweepId, ImmutableArray<string> tags, string by = "client")
    {
        var kept = NotesRules.CheckTags(tags);
        await Ask($"tag {sweepId} {string.Join(',', kept)}");
        Publish(sweepId, new SweepEvent(Sweep: Sweeps[sweepId] with { Tags = kept }));
        return kept;
    }

    public async Task SetArchivedAsync(string sweepId, bool archived = true, string by = "client")
    {
        await Ask($"{(archived ? "archive" : "unarchive")} {sweepId}");
        var tags = Sweeps[sweepId].Tags.Remove(SweepSnapshot.ArchivedTag);
        Publish(sweepId, new SweepEvent(Sweep: Sweeps[sweepId] with { Tags = archived ? tags.Add(SweepSnapshot.ArchivedTag) : tags }));
    }

    public async Task<ImmutableArray<string>> SetTagsAsync(TrialId id, ImmutableArray<string> tags, string by = "client")
    {
        var kept = NotesRules.CheckTags(tags);
        await Ask($"tag {id} {string.Join(',', kept)}");
        Publish(id.SweepId, new SweepEvent(Trial: Trials[id].Trial with { Tags = kept }));
        return kept;
    }

    public Task SetNotesAsync(string sweepId, string markdown, string by = "client") => WriteAsync(sweepId, markdown);

    public Task SetNotesAsync(TrialId id, string markdown, string by = "client") => WriteAsync(id.ToString(), markdown);

    public Task<string> GetNotesAsync(string sweepId)
    {
        ThrowIfFailing();
        return Task.FromResult(Notes.GetValueOrDefault(sweepId, ""));
    }

    public Task<string> GetNotesAsync(TrialId id) => GetNotesAsync(id.ToString());

    private async Task WriteAsync(string id, string markdown)
    {
        await Ask($"notes {id}");
        PublishNotes(id, NotesRules.CheckNotes(markdown));
    }

    public async IAsyncEnumerable<string> WatchNotesAsync(string sweepId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ImmutableArray<(string, string)> now = [(sweepId, await GetNotesAsync(sweepId))];
        await foreach (var (_, text) in WatchAsync<(string Id, string Text)>(one => one.Id == sweepId, now, cancellationToken))
        {
            yield return text;
        }
    }

    public IAsyncEnumerable<string> WatchNotesAsync(TrialId id, CancellationToken cancellationToken = default) => WatchNotesAsync(id.ToString(), cancellationToken);

    /// <summary>What somebody elsewhere has just saved as the notes of a sweep or a trial.</summary>
    public void PublishNotes(string id, string text)
    {
        Notes[id] = text;
        Tell((id, text));
    }
}
