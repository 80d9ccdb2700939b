using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Predictions;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Features.Trials.Predictions;

/// <summary>The pictures with what was found in them: filtered, turned over and opened by the address.</summary>
public sealed partial class PredictionGallery(IMlTrClient client)
{
    private const int PageSize = 24;
    private static readonly ImmutableArray<(string Value, string Text)> Filters = [("mistakes", "mistakes"), ("too-many", "found, not labelled"), ("missed", "labelled, not found"), ("all", "all pictures")];

    private PredictionPage? _page;
    private ImmutableArray<Confusion> _confusions = [];
    private string? _failure;
    private PredictionQuery? _shown; // what the gallery was loaded for

    [Parameter, EditorRequired] public TrialId Id { get; set; }

    /// <summary>What was computed.</summary>
    [Parameter, EditorRequired] public PredictionsSnapshot State { get; set; } = null!;

    /// <summary>Whether the trial can no longer change.</summary>
    [Parameter] public bool Final { get; set; }

    /// <summary>Those of a better checkpoint are asked for.</summary>
    [Parameter] public EventCallback Again { get; set; }

    private string Show => FromQuery("show") is { } show && Filters.Any(filter => filter.Value == show) ? show : "mistakes";

    private int? Class => Whole("class") is { } k && k < State.Classes.Length ? k : null;

    private int Number => Math.Max(1, Whole("page") ?? 1);

    private int? Picture => Whole("picture");

    private IEnumerable<(string Value, string Text)> ClassOptions =>
        [("", "every class"), .. State.Classes.Select((name, k) => (k.ToString(CultureInfo.InvariantCulture), name)).OrderBy(one => one.name, StringComparer.Ordinal)];

    private PredictionQuery Query => new(Class, Show switch
    {
        "too-many" => PredictionFilter.FalsePositives,
        "missed" => PredictionFilter.FalseNegatives,
        "all" => PredictionFilter.All,
        _ => PredictionFilter.Mistakes,
    }, (Number - 1) * PageSize, PageSize);

    protected override void OnAddressSet()
    {
        if (_shown != Query)
        {
            _ = LoadAsync();
        }
    }

    private int? Whole(string name) => int.TryParse(FromQuery(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value < 10_000_000 ? value : null;

    private string HrefOf(int picture) => Navigation.WithQuery(("picture", picture.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Loads what the address asks for; an answer that nobody waits for any more is dropped.</summary>
    private async Task LoadAsync()
    {
        var query = Query;
        (_shown, _page, _failure) = (query, null, null);
        try
        {
            var (page, confusions) = (await client.GetPredictedPicturesAsync(Id, query), await client.GetConfusionsAsync(Id));
            if (query == _shown)
            {
                (_page, _confusions) = (page, confusions);
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            _failure = query == _shown ? failure.Message : _failure;
        }

        if (!IsGone)
        {
            await InvokeAsync(StateHasChanged);
        }
    }
}
