using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Trials;

namespace MlTr.Dashboard.Features.Trials;

/// <summary>A page within the trial's page: each line of the log as soon as it is durable. While it is not followed it stands still, and takes up what came meanwhile later.</summary>
public sealed partial class LogTab(IMlTrClient client)
{
    private ImmutableList<LogLine> _lines = [];
    private ImmutableList<LogLine> _shown = [];
    private bool _following = true;

    [Parameter, EditorRequired] public TrialId Id { get; set; }

    [Parameter] public string? Level { get; set; }

    [Parameter] public EventCallback<string?> LevelChanged { get; set; }

    [Parameter] public string? Search { get; set; }

    [Parameter] public EventCallback<string> SearchChanged { get; set; }

    protected override object FollowedKey => Id;

    protected override void Reset() => (_lines, _shown) = ([], []);

    /// <summary>Asks for what comes after the last line that is here: after an interruption nothing is missing and nothing comes twice.</summary>
    protected override async Task FollowAsync(CancellationToken cancellationToken)
    {
        var last = _lines.LastOrDefault();
        await foreach (var more in client.WatchLogAsync(Id, last?.Attempt ?? 0, last?.Number ?? 0, cancellationToken))
        {
            _lines = _lines.AddRange(more);
            _shown = _following || _shown.IsEmpty ? _lines : _shown;
            ShowLoaded();
        }
    }

    private void Follow(bool follow) => (_following, _shown) = (follow, follow ? _lines : _shown);
}
