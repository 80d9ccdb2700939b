using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Features.Trials;

/// <summary>The lines of a log: filtered, searched, followed.</summary>
public sealed partial class LogViewer
{
    private const int Limit = 1_000;
    private static readonly string[] Levels = ["All", "Info", "Warning", "Error"];
    private static readonly string[] Severity = ["trace", "debug", "info", "warning", "error"];

    private ImmutableArray<LogLine> _shown = [];
    private int _hidden;
    private ElementReference _box;
    private LogLine? _last;

    [Parameter, EditorRequired] public ImmutableList<LogLine> Lines { get; set; } = [];

    /// <summary>What a line's <see cref="LogLine.Attempt"/> is the number of.</summary>
    [Parameter] public string Run { get; set; } = "attempt";

    /// <summary>False until the log was read for the first time.</summary>
    [Parameter] public bool Loaded { get; set; } = true;

    [Parameter] public string? Level { get; set; }

    [Parameter] public EventCallback<string?> LevelChanged { get; set; }

    [Parameter] public string? Search { get; set; }

    [Parameter] public EventCallback<string> SearchChanged { get; set; }

    [Parameter] public bool Following { get; set; }

    [Parameter] public EventCallback<bool> FollowingChanged { get; set; }

    [Parameter] public string? Failure { get; set; }

    [Inject] internal Browser Browser { get; set; } = null!;

    protected override void OnParametersSet()
    {
        var lowest = Level is null ? 0 : Rank(Level);
        var matching = Lines.Where(line => Rank(line.Level) >= lowest && Words.Matches(Search, line.Text)).ToImmutableArray();
        _hidden = Math.Max(0, matching.Length - Limit);
        _shown = matching[_hidden..];
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        var last = _shown.LastOrDefault();
        if (Following && last != _last)
        {
            _last = last;
            await Browser.ScrollToEndAsync(_box);
        }
    }

    private static string Short(string level) => Rank(level) switch
    {
        0 => "TRACE",
        1 => "DEBUG",
        2 => "INFO",
        3 => "WARN",
        >= 4 => "ERROR",
        _ => level,
    };

    /// <summary>Loggers spell levels differently: Information, info, warn, ERROR, critical.</summary>
    private static int Rank(string level) => level.ToLowerInvariant() switch
    {
        var text when text.StartsWith("crit", StringComparison.Ordinal) || text.StartsWith("fatal", StringComparison.Ordinal) => Severity.Length,
        var text => Array.FindIndex(Severity, known => known.StartsWith(text[..Math.Min(4, text.Length)], StringComparison.Ordinal)),
    };
}
