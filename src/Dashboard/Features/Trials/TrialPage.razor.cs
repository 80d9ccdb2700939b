using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Features.Leaderboards;
using MlTr.Dashboard.Shared;
using MudBlazor;

namespace MlTr.Dashboard.Features.Trials;

/// <summary>One trial, live.</summary>
public sealed partial class TrialPage(IMlTrClient client, NavigationManager navigation, IDialogService dialogs, ISnackbar snackbar)
{
    private const int LogPage = 1_000;

    /// <summary>More than a chart draws: points that come later are thinned together with them.</summary>
    private const int PointsPerCurve = 1_000;

    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);
    private static readonly ImmutableArray<(string Key, string Text)> Tabs = [("curves", "Curves"), ("classes", "Classes"), ("predictions", "Predictions"), ("evaluations", "Evaluations"), ("configuration", "Configuration"), ("history", "History"), ("log", "Log")];

    private TrialView _view = new();
    private Task? _curves;
    private ImmutableList<LogLine> _log = [];
    private ImmutableDictionary<string, int> _support = ImmutableDictionary<string, int>.Empty;
    private string? _logFailure;
    private bool _logRead;
    private bool _busy;
    private bool _followLog = true;
    private bool _stale;

    [Parameter] public string SweepId { get; set; } = "";

    [Parameter] public int Number { get; set; }

    [SupplyParameterFromQuery] public string? Tab { get; set; }

    /// <summary>The log's search.</summary>
    [SupplyParameterFromQuery] public string? Q { get; set; }

    /// <summary>The log's lowest level.</summary>
    [SupplyParameterFromQuery] public string? Level { get; set; }

    /// <summary>How the classes are sorted.</summary>
    [SupplyParameterFromQuery] public string? Sort { get; set; }

    [Inject] internal Browser Browser { get; set; } = null!;

    protected override object FollowedKey => Id;

    private TrialId Id => new(SweepId, Number);

    private string Shown => Tabs.Any(tab => tab.Key == Tab) ? Tab! : new Uri(navigation.Uri).AbsolutePath.EndsWith("/predictions", StringComparison.Ordinal) ? "predictions" : "curves";

    private MetricInfo Objective => MetricInfo.For(_view.Spec?.Objective.Metric ?? MetricNames.MeanAveragePrecision);

    private string TabHref(string tab) => tab == "predictions" ? $"{Words.TrialHref(Id)}/predictions" : $"{Words.TrialHref(Id)}?tab={tab}";

    private string ReasonTitle => _view.Trial?.State switch
    {
        TrialState.Failed => "Failed.",
        TrialState.Cancelled => "Cancelled.",
        TrialState.Paused => "Paused.",
        TrialState.Stopped => "Ended early.",
        _ => "Waiting.",
    };

    protected override async Task OnParametersSetAsync()
    {
        await base.OnParametersSetAsync();
        EnsureCurves();
    }

    protected override void Reset() => (_curves, _view, _log, _logFailure, _logRead, _stale) = (null, new TrialView(), [], null, false, false);

    protected override async Task FollowAsync(CancellationToken cancellationToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var polling = PollAsync(both.Token);
        try
        {
            await FollowAsync(token => client.WatchSweepChangesAsync(SweepId, token), LoadAsync, ApplyAsync, cancellationToken);
            await ReloadAsync();
        }
        finally
        {
            await both.CancelAsync();
            await polling;
        }
    }

    private async Task LoadAsync()
    {
        var (view, id) = (_view, Id);
        var (details, sweep) = (client.GetTrialAsync(id), client.GetSweepAsync(SweepId));
        view.Details = await details;
        view.Spec = (await sweep).Spec;
        ShowLoaded();
        _curves = null; // after an interruption they have grown without this page
        EnsureCurves();
        if (_curves is not null)
        {
            await _curves; // its failure is the page's
        }

        _support = await SupportAsync(view.Spec.Dataset);
        RequestRender();
    }

    /// <summary>Curves are read when somebody looks at them: they may be long.</summary>
    private void EnsureCurves()
    {
        if (_curves is null && Shown == "curves" && _view.Details is not null)
        {
            _curves = LoadCurvesAsync(_view);
        }
    }

    private async Task LoadCurvesAsync(TrialView view)
    {
        view.LoadCurves(await client.GetCurvesAsync(Id, new CurveWindow(PointsPerCurve)));
        RequestRender();
    }

    private async Task<IReadOnlyList<CurveLine>> DetailAsync(ImmutableArray<string> metrics, CurveWindow window) =>
        TrialView.Lines(metrics, await client.GetCurvesAsync(Id, window, metrics));

    /// <summary>Pictures that show each class, in the split that trials are measured on; a page without it is still a page.</summary>
    private async Task<ImmutableDictionary<string, int>> SupportAsync(string dataset)
    {
        try
        {
            var known = await client.GetDatasetAsync(dataset);
            var split = known.Splits.FirstOrDefault(split => split.Name == "validation");
            return split is null ? _support : known.Classes.Zip(split.ClassCounts).ToImmutableDictionary(pair => pair.First, pair => pair.Second);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return _support;
        }
    }

    private Task ApplyAsync(SweepEvent happened)
    {
        if (happened.Trial is { } trial && trial.Id == Id && _view.Details is { } details)
        {
            _stale |= trial.State != details.Trial.State || trial.Attempts != details.Trial.Attempts || trial.Metrics != details.Trial.Metrics;
            _view.Details = details with { Trial = trial };
            RequestRender();
        }

        if (happened.Points is { } points && points.Trial == Id)
        {
            _view.Add(points);
            RequestRender();
        }

        return Task.CompletedTask;
    }

    /// <summary>The log has no stream, and attempts, checkpoints and classes need no more than a look every two seconds.</summary>
    private async Task PollAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (_stale && Loaded)
            {
                _stale = false;
                await ReloadAsync();
            }

            if (Loaded && (_log.IsEmpty || _followLog))
            {
                await ReadLogAsync();
            }

            await Task.Delay(Loaded ? Poll : Poll / 10, Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    private async Task ReloadAsync()
    {
        try
        {
            _view.Details = await client.GetTrialAsync(Id);
            RequestRender();
        }
        catch (Exception)
        {
            _stale = true; // the stream says what failed; this is tried again with the next look
        }
    }

    private async Task ReadLogAsync()
    {
        try
        {
            var last = _log.LastOrDefault();
            var more = await client.GetLogAsync(Id, last?.Attempt ?? 0, last?.Number ?? 0, LogPage);
            _log = _log.AddRange(more);
            if (!more.IsEmpty || _logFailure is not null || !_logRead)
            {
                (_logFailure, _logRead) = (null, true);
                RequestRender();
            }
        }
        catch (Exception failure)
        {
            _logFailure = failure.Message;
            RequestRender();
        }
    }

    private async Task RunAgainAsync()
    {
        _busy = true;
        await snackbar.TryAsync("The trial was not run again", () => client.RetryTrialsAsync(SweepId, [Number], "Asked for on the dashboard.", "dashboard"));
        _busy = false;
    }

    private async Task CopyAsync() => snackbar.Add(
        _view.Trial is { } trial && await Browser.CopyAsync(Configuration.Json(trial)) ? "Configuration copied as JSON." : "The browser did not allow copying.");
}
