using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Predictions;
using MlTr.Abstractions.Trials;

namespace MlTr.Dashboard.Features.Trials.Predictions;

/// <summary>One predicted picture; asks for its heat maps and neighbours by itself, since each takes a moment of its own.</summary>
public sealed partial class PictureDetail(IMlTrClient client)
{
    private ElementReference _title;
    private PredictedPicture? _picture;
    private ImmutableArray<SimilarPicture> _similar = [];
    private string? _heat;
    private string? _failure;
    private int _class;
    private bool _onlyHottest;
    private int _asked; // the newest question for a heat map; answers to earlier ones are dropped

    [Parameter, EditorRequired] public TrialId Id { get; set; }

    [Parameter, EditorRequired] public PredictionsSnapshot State { get; set; } = null!;

    /// <summary>The picture's place; another one is another component.</summary>
    [Parameter, EditorRequired] public int Index { get; set; }

    [Parameter] public EventCallback Closed { get; set; }

    /// <summary>The address of another picture.</summary>
    [Parameter, EditorRequired] public Func<int, string> Href { get; set; } = null!;

    /// <summary>A picture as an address that carries it; it was made by the platform itself.</summary>
    public static string Carry(PictureFile picture) => $"data:{picture.MediaType};base64,{Convert.ToBase64String(picture.File.AsSpan())}";

    protected override Task OnInitializedAsync() => LoadAsync();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await _title.FocusAsync(); // brings it into view, and readers to it
        }
    }

    private async Task LoadAsync()
    {
        _failure = null;
        try
        {
            _picture = await client.GetPredictedPictureAsync(Id, Index);
            _class = _picture.Verdicts.IsEmpty ? 0 : _picture.Verdicts.MaxBy(verdict => verdict.Mistake).Class;
            await HeatAsync();
            StateHasChanged();
            _similar = await client.GetSimilarPicturesAsync(Id, Index, 8);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            _failure = failure.Message;
        }
    }

    private Task ChooseAsync(int k)
    {
        _class = k;
        return HeatAsync();
    }

    private Task DimAsync(bool onlyHottest)
    {
        _onlyHottest = onlyHottest;
        return HeatAsync();
    }

    private async Task HeatAsync()
    {
        var asked = ++_asked;
        (_heat, _failure) = (null, null);
        try
        {
            var map = await client.GetHeatMapAsync(Id, Index, _class, _onlyHottest);
            _heat = asked == _asked ? Carry(map) : _heat;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            _failure = failure.Message;
        }
    }
}
