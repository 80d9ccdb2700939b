using System.Collections.Immutable;
using MlTr.Abstractions.Notes;
using MlTr.Abstractions.Trials;

namespace MlTr.Abstractions.Client;

public partial interface IMlTrClient
{
    /// <summary>Replaces a sweep's tags; an empty list takes them away.</summary>
    /// <returns>The tags as they are kept.</returns>
    /// <exception cref="KeyNotFoundException">There is no such sweep.</exception>
    /// <exception cref="NotesException">One of them is no tag.</exception>
    Task<ImmutableArray<string>> SetTagsAsync(string sweepId, ImmutableArray<string> tags, string by = "client");

    /// <summary>Sets an ended sweep aside, or takes it back: the dashboard's lists leave it out, leaderboards and its address keep it. It has the tag <c>archived</c> until then, or until it goes on.</summary>
    /// <exception cref="KeyNotFoundException">There is no such sweep.</exception>
    /// <exception cref="Sweeps.SweepStateException">It has not ended; the message says what to do.</exception>
    Task SetArchivedAsync(string sweepId, bool archived = true, string by = "client");

    /// <summary>Replaces a trial's tags; an empty list takes them away.</summary>
    /// <returns>The tags as they are kept.</returns>
    /// <exception cref="KeyNotFoundException">There is no such trial.</exception>
    /// <exception cref="NotesException">One of them is no tag.</exception>
    Task<ImmutableArray<string>> SetTagsAsync(TrialId id, ImmutableArray<string> tags, string by = "client");

    /// <summary>Replaces a sweep's notes, in Markdown; an empty text takes them away.</summary>
    /// <exception cref="KeyNotFoundException">There is no such sweep.</exception>
    /// <exception cref="NotesException">They are too long.</exception>
    Task SetNotesAsync(string sweepId, string markdown, string by = "client");

    /// <summary>Replaces a trial's notes, in Markdown; an empty text takes them away.</summary>
    /// <exception cref="KeyNotFoundException">There is no such trial.</exception>
    /// <exception cref="NotesException">They are too long.</exception>
    Task SetNotesAsync(TrialId id, string markdown, string by = "client");

    /// <summary>A sweep's notes in Markdown; empty if there are none.</summary>
    /// <exception cref="KeyNotFoundException">There is no such sweep.</exception>
    Task<string> GetNotesAsync(string sweepId);

    /// <summary>A trial's notes in Markdown; empty if there are none.</summary>
    /// <exception cref="KeyNotFoundException">There is no such trial.</exception>
    Task<string> GetNotesAsync(TrialId id);

    /// <summary>A sweep's notes in Markdown, now and whenever somebody saves them.</summary>
    /// <exception cref="KeyNotFoundException">There is no such sweep.</exception>
    IAsyncEnumerable<string> WatchNotesAsync(string sweepId, CancellationToken cancellationToken = default);

    /// <summary>A trial's notes in Markdown, now and whenever somebody saves them.</summary>
    /// <exception cref="KeyNotFoundException">There is no such trial.</exception>
    IAsyncEnumerable<string> WatchNotesAsync(TrialId id, CancellationToken cancellationToken = default);
}

public sealed partial class MlTrClient
{
    /// <inheritdoc />
    public Task<ImmutableArray<string>> SetTagsAsync(string sweepId, ImmutableArray<string> tags, string by = "client") => Sweep(sweepId).SetTagsAsync(null, tags, by);

    /// <inheritdoc />
    public Task SetArchivedAsync(string sweepId, bool archived = true, string by = "client") => Sweep(sweepId).SetArchivedAsync(archived, by);

    /// <inheritdoc />
    public Task<ImmutableArray<string>> SetTagsAsync(TrialId id, ImmutableArray<string> tags, string by = "client") => Sweep(id.SweepId).SetTagsAsync(id.Number, tags, by);

    /// <inheritdoc />
    public Task SetNotesAsync(string sweepId, string markdown, string by = "client") => Sweep(sweepId).SetNotesAsync(null, markdown, by);

    /// <inheritdoc />
    public Task SetNotesAsync(TrialId id, string markdown, string by = "client") => Sweep(id.SweepId).SetNotesAsync(id.Number, markdown, by);

    /// <inheritdoc />
    public Task<string> GetNotesAsync(string sweepId) => Sweep(sweepId).GetNotesAsync(null);

    /// <inheritdoc />
    public Task<string> GetNotesAsync(TrialId id) => Sweep(id.SweepId).GetNotesAsync(id.Number);

    /// <inheritdoc />
    public IAsyncEnumerable<string> WatchNotesAsync(string sweepId, CancellationToken cancellationToken = default) => Sweep(sweepId).WatchNotesAsync(null, cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<string> WatchNotesAsync(TrialId id, CancellationToken cancellationToken = default) => Sweep(id.SweepId).WatchNotesAsync(id.Number, cancellationToken);
}
