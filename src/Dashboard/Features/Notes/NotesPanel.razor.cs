using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Features.Sweeps;

namespace MlTr.Dashboard.Features.Notes;

/// <summary>What people write on a sweep, or on a trial of it. Tags come with the page's stream; notes have their own.</summary>
public sealed partial class NotesPanel(IMlTrClient client)
{
    private string? _notes;
    private string? _draft;
    private string? _begunFrom; // the notes that the draft was made of
    private string? _tags;
    private string? _tagsFailure;
    private string? _notesFailure;
    private bool _preview;
    private bool _busy;

    [Parameter, EditorRequired] public string SweepId { get; set; } = "";

    /// <summary>The trial's number; null for the sweep itself.</summary>
    [Parameter] public int? Trial { get; set; }

    [Parameter, EditorRequired] public ImmutableArray<string> Tags { get; set; } = [];

    private TrialId? Id => Trial is { } number ? new TrialId(SweepId, number) : null;

    protected override object FollowedKey => (SweepId, Trial);

    protected override Task OnParametersSetAsync() =>
        Failure is not null && !Loaded ? RestartAsync() : base.OnParametersSetAsync(); // the page says what failed; its next event asks again

    protected override void Reset() => (_notes, _draft, _tags, _tagsFailure, _notesFailure) = (null, null, null, null, null);

    protected override async Task FollowAsync(CancellationToken cancellationToken)
    {
        await foreach (var notes in Id is { } trial ? client.WatchNotesAsync(trial, cancellationToken) : client.WatchNotesAsync(SweepId, cancellationToken))
        {
            _notes = notes;
            ShowLoaded();
        }
    }

    private void EditTags() => (_tags, _tagsFailure) = (string.Join(", ", Tags), null);

    private void EditNotes() => (_draft, _begunFrom, _notesFailure, _preview) = (_notes ?? "", _notes, null, false);

    private async Task SaveTagsAsync()
    {
        ImmutableArray<string> tags = [.. (_tags ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        _tagsFailure = await TryAsync(() => Id is { } trial ? client.SetTagsAsync(trial, tags, SweepActions.By) : client.SetTagsAsync(SweepId, tags, SweepActions.By));
        _tags = _tagsFailure is null ? null : _tags;
    }

    private async Task SaveNotesAsync()
    {
        var text = _draft ?? "";
        _notesFailure = await TryAsync(() => Id is { } trial ? client.SetNotesAsync(trial, text, SweepActions.By) : client.SetNotesAsync(SweepId, text, SweepActions.By));
        if (_notesFailure is null)
        {
            (_notes, _draft) = (text.TrimEnd(), null); // at once; the stream brings it as well
        }
    }

    /// <returns>What failed; null if nothing did.</returns>
    private async Task<string?> TryAsync(Func<Task> act)
    {
        _busy = true;
        try
        {
            await act();
            return null;
        }
        catch (Exception failure)
        {
            return failure.Message;
        }
        finally
        {
            _busy = false;
        }
    }
}
