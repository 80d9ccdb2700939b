using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Datasets;

namespace MlTr.Dashboard.Features.Datasets;

/// <summary>One dataset: what it holds, how healthy it is, and its pictures.</summary>
public sealed partial class DatasetPage(IMlTrClient client, NavigationManager navigation)
{
    private const int PageSize = 24;
    private static readonly ImmutableArray<(string Key, string Text)> Tabs = [("classes", "Classes"), ("together", "Together"), ("sizes", "Sizes"), ("pictures", "Pictures"), ("shards", "Shards and left out")];

    private DatasetSnapshot? _dataset;
    private SplitStatistics? _statistics;
    private PicturePage? _pictures;
    private string? _partFailure;
    private object? _part; // what the shown tab was loaded for

    [Parameter] public string Id { get; set; } = "";

    [SupplyParameterFromQuery] public string? Tab { get; set; }

    [SupplyParameterFromQuery] public string? Split { get; set; }

    /// <summary>Index of the class that shown pictures have.</summary>
    [SupplyParameterFromQuery] public string? Class { get; set; }

    /// <summary>Which page of pictures, from 1.</summary>
    [SupplyParameterFromQuery] public string? Page { get; set; }

    /// <summary>off hides the boxes.</summary>
    [SupplyParameterFromQuery] public string? Boxes { get; set; }

    protected override object FollowedKey => Id;

    private string ShownTab => Tabs.Any(tab => tab.Key == Tab) ? Tab! : "classes";

    private ImmutableArray<SplitSnapshot> Splits => [.. (_dataset?.Splits ?? []).OrderBy(split => split.Name == "train" ? 0 : 1)];

    private string ShownSplit => Splits.Any(split => split.Name == Split) ? Split! : Splits.FirstOrDefault()?.Name ?? "train";

    private int? ShownClass => int.TryParse(Class, NumberStyles.None, CultureInfo.InvariantCulture, out var k) && k < _dataset?.Classes.Length ? k : null;

    private int ShownPage => int.TryParse(Page, NumberStyles.None, CultureInfo.InvariantCulture, out var page) && page is >= 1 and < 1_000_000 ? page : 1;

    private List<string> BadFiles => [.. Splits.SelectMany(split => split.BadFiles)];

    private IEnumerable<(string Value, string Text)> ClassOptions =>
        [("", "any class"), .. _dataset!.Classes.Select((name, k) => (k.ToString(CultureInfo.InvariantCulture), name)).OrderBy(one => one.name, StringComparer.Ordinal)];

    protected override void Reset() => (_dataset, _statistics, _pictures, _part, _partFailure) = (null, null, null, null, null);

    protected override async Task OnParametersSetAsync()
    {
        await base.OnParametersSetAsync();
        await LoadPartOnceAsync();
    }

    protected override async Task FollowAsync(CancellationToken cancellationToken)
    {
        await foreach (var dataset in client.WatchDatasetAsync(Id, cancellationToken))
        {
            _dataset = dataset;
            ShowLoaded();
            if (dataset.State == DatasetState.Ready)
            {
                await InvokeAsync(LoadPartOnceAsync);
                return; // nothing changes it any more
            }
        }
    }

    private async Task PrepareAsync() => await client.PrepareDatasetAsync(Id); // what becomes of it comes with the stream

    private async Task LoadPartOnceAsync()
    {
        object part = (Id, ShownTab, ShownSplit, ShownClass, ShownPage);
        if (_dataset?.State == DatasetState.Ready && !part.Equals(_part))
        {
            _part = part;
            await LoadPartAsync();
        }
    }

    /// <summary>Loads what the shown tab needs; an answer that nobody waits for any more is dropped.</summary>
    private async Task LoadPartAsync()
    {
        var part = _part;
        (_partFailure, _pictures) = (null, null);
        try
        {
            if (ShownTab == "pictures")
            {
                var query = new PictureQuery(ShownSplit, ShownClass is { } k ? [k] : [], (ShownPage - 1) * PageSize, PageSize);
                var pictures = await client.GetPicturesAsync(Id, query);
                _pictures = part == _part ? pictures : _pictures;
            }
            else if (ShownTab is "together" or "sizes" && _statistics?.Split != ShownSplit)
            {
                _statistics = null;
                var statistics = await client.GetDatasetStatisticsAsync(Id, ShownSplit);
                _statistics = part == _part ? statistics : _statistics;
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            _partFailure = part == _part ? failure.Message : _partFailure;
        }

        RequestRender();
    }
}
