using System.Collections.Immutable;
using MlTr.Abstractions.Notes;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Storage;

namespace MlTr.Grains.Sweeps;

/// <summary>What people write on the sweep and its trials. The sweep keeps both: a trial's own row belongs to whoever runs it.</summary>
internal sealed partial class SweepGrain
{
    private readonly LiveHub<NoteRow> _written = new();
    private ImmutableDictionary<int, NoteRow> _notes = ImmutableDictionary<int, NoteRow>.Empty;

    public async Task SetArchivedAsync(bool archived, string by)
    {
        RefuseIfDeleted();
        if (archived && Known().EndedAt is null)
        {
            throw new SweepStateException($"Sweep {Id} has not ended: cancel it before you archive it.");
        }

        await TagArchivedAsync(archived, by, "on request");
    }

    /// <summary>A sweep that goes on is of interest again.</summary>
    private Task UnarchiveAsync(string by) => _row is { EndedAt: null } ? TagArchivedAsync(false, by, "it goes on") : Task.CompletedTask;

    private async Task TagArchivedAsync(bool archived, string by, string reason)
    {
        var note = Note(null);
        var others = note.Tags.RemoveAll(tag => tag.Equals(SweepSnapshot.ArchivedTag, StringComparison.OrdinalIgnoreCase));
        if (archived == (others.Length == note.Tags.Length))
        {
            await SaveNoteAsync(note with { Tags = archived ? others.Add(SweepSnapshot.ArchivedTag) : others }, Event(archived ? "sweep-archived" : "sweep-unarchived", reason, by));
            PublishSweep();
        }
    }

    public async Task<ImmutableArray<string>> SetTagsAsync(int? trial, ImmutableArray<string> tags, string by)
    {
        var kept = NotesRules.CheckTags(tags);
        var note = Note(trial);
        if (!note.Tags.SequenceEqual(kept))
        {
            await SaveNoteAsync(note with { Tags = kept }, Event("tags-changed", kept.IsEmpty ? "none" : string.Join(", ", kept), by, trial));
            if (trial is { } number)
            {
                _hub.Publish(new SweepEvent(Trial: Shown(_trials[number])));
            }

            PublishSweep();
        }

        return kept;
    }

    public async Task SetNotesAsync(int? trial, string markdown, string by)
    {
        var kept = NotesRules.CheckNotes(markdown);
        var note = Note(trial);
        if (note.Text != kept)
        {
            await SaveNoteAsync(note with { Text = kept }, Event("notes-changed", kept.Length == 0 ? "taken away" : $"{kept.Length} characters", by, trial));
        }
    }

    public Task<string> GetNotesAsync(int? trial) => Task.FromResult(Note(trial).Text);

    public IAsyncEnumerable<string> WatchNotesAsync(int? trial, CancellationToken cancellationToken) =>
        _written.WatchAsync(() => [Note(trial)], cancellationToken).Where(written => written.Trial == (trial ?? NoteRow.OfSweep)).Select(written => written.Text);

    private async Task SaveNoteAsync(NoteRow note, NewEvent happened)
    {
        await store.SaveNoteAsync(note, happened);
        _notes = _notes.SetItem(note.Trial, note);
        _written.Publish(note);
    }

    private NoteRow Note(int? trial)
    {
        var key = trial is { } number ? KnownTrial(number).Id.Number : NoteRow.OfSweep;
        return _notes.GetValueOrDefault(key) ?? new NoteRow(Known().Id, key, [], "");
    }

    /// <summary>A trial as people see it, with its tags.</summary>
    private TrialSnapshot Shown(TrialRow row) => _notes.TryGetValue(row.Id.Number, out var note) ? row.Trial with { Tags = note.Tags } : row.Trial;
}
