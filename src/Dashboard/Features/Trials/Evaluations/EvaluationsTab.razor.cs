using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Evaluations;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Shared;
using MudBlazor;

namespace MlTr.Dashboard.Features.Trials.Evaluations;

/// <summary>A page within the trial's page: asks for evaluations and follows them.</summary>
public sealed partial class EvaluationsTab(IMlTrClient client, ISnackbar snackbar)
{
    private static readonly ImmutableArray<(string Value, string Text)> Splits = [("validation", "validation"), ("test", "test"), ("train", "train")];

    private ImmutableDictionary<string, EvaluationSnapshot> _evaluations = ImmutableDictionary<string, EvaluationSnapshot>.Empty;
    private ImmutableArray<string> _datasets = [];
    private bool _busy;
    private string _dataset = "", _split = "validation", _checkpoint = "best", _size = "";

    [Parameter, EditorRequired] public TrialId Id { get; set; }

    /// <summary>The trial's checkpoints.</summary>
    [Parameter] public ImmutableArray<CheckpointSnapshot> Checkpoints { get; set; } = [];

    /// <summary>The checkpoint that is chosen at first; the best one if there is none such.</summary>
    [Parameter] public string? Chosen { get; set; }

    protected override object FollowedKey => Id;

    private IEnumerable<EvaluationSnapshot> Evaluations => _evaluations.Values.OrderByDescending(one => one.CreatedAt).ThenByDescending(one => one.Id, StringComparer.Ordinal);

    private IEnumerable<(string Value, string Text)> DatasetOptions => [("", "its own dataset"), .. _datasets.Select(id => (id, id))];

    private IEnumerable<(string Value, string Text)> CheckpointOptions =>
    [
        ("best", "best"),
        ("last", "last"),
        .. (Checkpoints.IsDefault ? [] : Checkpoints).Select(one => one.Step).Distinct().OrderDescending().Select(step => step.ToString(CultureInfo.InvariantCulture)).Select(step => (step, $"step {step}")),
    ];

    private int? Size => int.TryParse(_size, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null;

    private string? SizeError => _size.Length == 0 || Size is >= 1 and <= EvaluationSpec.MaxImageSize ? null : $"1 to {EvaluationSpec.MaxImageSize} pixels";

    protected override void OnInitialized()
    {
        base.OnInitialized();
        _checkpoint = CheckpointOptions.Any(option => option.Value == Chosen) ? Chosen! : _checkpoint;
    }

    protected override void Reset() => _evaluations = _evaluations.Clear();

    protected override async Task FollowAsync(CancellationToken cancellationToken)
    {
        _ = LoadDatasetsAsync(); // beside it: its own dataset can be chosen at once
        await foreach (var changed in client.WatchEvaluationsAsync(Id, cancellationToken))
        {
            _evaluations = _evaluations.SetItems(changed.Select(one => KeyValuePair.Create(one.Id, one)));
            ShowLoaded();
        }
    }

    private static string Show(EvaluationSnapshot evaluation, string figure) =>
        MetricInfo.For(MetricNames.MeanAveragePrecision).Show(evaluation.Metrics.TryGetValue(figure, out var value) ? value : null);

    private static string? Workers(EvaluationSnapshot evaluation) =>
        string.Join(", ", evaluation.Parts.Where(part => part.State == PartState.Running).Select(part => $"part {part.Number} on {part.Worker}")) is { Length: > 0 } running ? running : null;

    private async Task LoadDatasetsAsync()
    {
        try
        {
            _datasets = [.. (await client.ListDatasetsAsync()).Where(dataset => dataset.State == DatasetState.Ready).Select(dataset => dataset.Id)];
            RequestRender();
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            _datasets = []; // its own is still there
        }
    }

    private async Task StartAsync()
    {
        _busy = true;
        var choice = CheckpointChoice.TryParse(_checkpoint, out var parsed) ? parsed : default;
        await snackbar.TryAsync("The evaluation was not started", () => client.StartEvaluationAsync(new EvaluationSpec(Id, _dataset.Length > 0 ? _dataset : null, _split, Size, choice), "dashboard"));
        _busy = false;
    }

    private async Task CancelAsync(string evaluation) =>
        await snackbar.TryAsync("The evaluation was not cancelled", () => client.CancelEvaluationAsync(evaluation, "Asked for on the dashboard.", "dashboard"));
}
