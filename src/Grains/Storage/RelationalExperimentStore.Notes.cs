using System.Collections.Immutable;
using Microsoft.EntityFrameworkCore;

namespace MlTr.Grains.Storage;

internal abstract partial class RelationalExperimentStore
{
    public Task<ImmutableArray<NoteRow>> LoadNotesAsync(string sweepId, CancellationToken cancellationToken = default) =>
        ReadAsync<ImmutableArray<NoteRow>>(
            reader => [.. reader.Context.Notes.AsNoTracking().Where(row => row.SweepId == sweepId).OrderBy(row => row.Trial).AsEnumerable().Select(row => row.ToRow())],
            cancellationToken);

    public Task SaveNoteAsync(NoteRow note, NewEvent happened, CancellationToken cancellationToken = default) => PutAsync(session =>
    {
        var context = session.Context;
        if (!context.Sweeps.Any(row => row.Id == note.SweepId))
        {
            throw new StaleVersionException($"Sweep {note.SweepId}"); // it was purged meanwhile
        }

        var row = context.Notes.Find(note.SweepId, note.Trial) ?? context.Notes.Add(new() { SweepId = note.SweepId, Trial = note.Trial }).Entity;
        (row.Tags, row.Text) = (note.Tags, note.Text);
        context.Events.Add(EventEntity.New(happened));
        context.SaveChanges();
    }, cancellationToken);
}
