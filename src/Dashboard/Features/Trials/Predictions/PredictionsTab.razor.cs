using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Predictions;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Features.Trials.Predictions;

/// <summary>A page within the trial's page: it has a life, an address and calls of its own.</summary>
public sealed partial class PredictionsTab(IMlTrClient client, TimeProvider time)
{
    private const int PageSize = 24;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);
    private static readonly ImmutableArray<(string Value, string Text)> Filters = [("mistakes", "mistakes"), ("too-many", "found, not labelled"), ("missed", "labelled, not found"), ("all", "all pictures")];

    private PredictionsSnapshot? _state;
    private PredictionPage? _page;
    private ImmutableArray<Confusion> _confusions = [];
    private string? _failure;
    private TrialId _loaded;
    private object? _shown; // what the gallery was loaded for

    [Parameter, EditorRequired] public TrialId Id { get; set; }

    /// <summary>Whether the trial can no longer change.</summary>
    [Parameter] public bool Final { get; set; }

    private string Show => FromQuery("show") is { } show && Filters.Any(filter => filter.Value == show) ? show : "mistakes";

    private int? Class => Whole("class") is { } k && k < _state?.Classes.Length ? k : null;

    private int Number => Math.Max(1, Whole("page") ?? 1);

    private int? Picture => Whole("picture");

    private IEnumerable<(string Value, string Text)> ClassOptions =>
        [("", "every class"), .. _state!.Classes.Select((name, k) => (k.ToString(CultureInfo.InvariantCulture), name)).OrderBy(one => one.name, StringComparer.Ordinal)];

    private PredictionQuery Query => new(Class, Show switch
    {
        "too-many" => PredictionFilter.FalsePositives,
        "missed" => PredictionFilter.FalseNegatives,
        "all" => PredictionFilter.All,
        _ => PredictionFilter.Mistakes,
    }, (Number - 1) * PageSize, PageSize);

    protected override void OnAddressSet()
    {
        if (_loaded != Id)
        {
            _loaded = Id;
            _ = ReloadAsync();
        }
        else
        {
            _ = LoadPageAsync();
        }
    }

    private int? Whole(string name) => int.TryParse(FromQuery(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value < 10_000_000 ? value : null;

    private string HrefOf(int picture) => Navigation.WithQuery(("picture", picture.ToString(CultureInfo.InvariantCulture)));

    private Task ReloadAsync() => FollowAsync(() => client.GetPredictionsAsync(Id));

    private Task StartAsync() => FollowAsync(() => client.StartPredictionsAsync(Id));

    /// <summary>Asks, and looks again until it is decided.</summary>
    private async Task FollowAsync(Func<Task<PredictionsSnapshot>> ask)
    {
        var id = Id;
        (_failure, _shown, _page) = (null, null, null);
        try
        {
            _state = await ask();
            while (_state.State is PredictionsState.Waiting or PredictionsState.Running)
            {
                StateHasChanged();
                await Task.Delay(Poll, time);
                if (IsGone || id != Id)
                {
                    return;
                }

                _state = await client.GetPredictionsAsync(id);
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            _failure = failure.Message;
        }

        if (!IsGone)
        {
            StateHasChanged();
            await LoadPageAsync();
        }
    }

    private async Task LoadPageAsync()
    {
        if (_state?.State != PredictionsState.Ready || Query.Equals(_shown))
        {
            return;
        }

        var query = Query;
        (_shown, _page) = (query, null);
        try
        {
            var (page, confusions) = (await client.GetPredictedPicturesAsync(Id, query), await client.GetConfusionsAsync(Id));
            if (query.Equals(_shown))
            {
                (_page, _confusions) = (page, confusions);
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            _failure = failure.Message;
        }

        if (!IsGone)
        {
            await InvokeAsync(StateHasChanged);
        }
    }
}
