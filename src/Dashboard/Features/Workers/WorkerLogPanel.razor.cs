using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Trials;
using MlTr.Abstractions.Workers;

namespace MlTr.Dashboard.Features.Workers;

/// <summary>A worker's log: its newest lines, and those that come.</summary>
public sealed partial class WorkerLogPanel(IMlTrClient client)
{
    private static readonly TimeSpan WatchAgainAfter = TimeSpan.FromSeconds(1);

    private ImmutableList<LogLine> _lines = [];
    private string? _supervisor;
    private long _last;
    private long _base;
    private bool _follow = true;

    [Parameter, EditorRequired] public string WorkerId { get; set; } = "";

    /// <summary>What the scheduler knows of it; null if it has not called.</summary>
    [Parameter] public WorkerSnapshot? Worker { get; set; }

    [Parameter] public string? Level { get; set; }

    [Parameter] public EventCallback<string?> LevelChanged { get; set; }

    [Parameter] public string? Search { get; set; }

    [Parameter] public EventCallback<string> SearchChanged { get; set; }

    protected override object FollowedKey => WorkerId;

    protected override void Reset() => (_lines, _supervisor, _last, _base) = ([], null, 0, 0);

    /// <summary>A stream ends with the activation that it came from; the next one begins with what is kept.</summary>
    protected override async Task FollowAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await foreach (var log in client.WatchWorkerLogAsync(WorkerId, cancellationToken))
            {
                _supervisor = log.Supervisor ?? _supervisor;
                Add(log.Lines);
                ShowLoaded();
            }

            await Task.Delay(WatchAgainAfter, Time, cancellationToken);
        }
    }

    private void Add(ImmutableArray<WorkerLogLine> lines)
    {
        var added = lines.Where(line => line.Number > _last).ToList();
        if (added.Count == 0)
        {
            return;
        }

        _base = _base == 0 ? added[0].Number - 1 : _base;
        _last = added[^1].Number;
        _lines = _lines.AddRange(added.Select(line => new LogLine(line.ProcessId, (int)(line.Number - _base), line.Time, line.Level, line.Text)));
        _lines = _lines.RemoveRange(0, Math.Max(0, _lines.Count - WorkerLog.MaxLines));
    }
}
