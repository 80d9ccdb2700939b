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

/// <summary>A page within the trial's page: asks for evaluations and follows those that run.</summary>
public sealed partial class EvaluationsTab(IMlTrClient client, ISnackbar snackbar, TimeProvider time) : ComponentBase, IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);
    private static readonly ImmutableArray<(string Value, string Text)> Splits = [("validation", "validation"), ("test", "test"), ("train", "train")];

    private readonly CancellationTokenSource _gone = new();
    private ImmutableArray<EvaluationSnapshot>? _evaluations;
    private ImmutableArray<string> _datasets = [];
    private TrialId _followed;
    private int _round;
    private string? _failure;
    private bool _busy;
    private string _dataset = "", _split = "validation", _checkpoint = "best", _size = "";

    [Parameter, EditorRequired] public TrialId Id { get; set; }

    /// <summary>The trial's checkpoints.</summary>
    [Parameter] public ImmutableArray<CheckpointSnapshot> Checkpoints { get; set; } = [];

    private IEnumerable<(string Value, string Text)> DatasetOptions => [("", "its own dataset"), .. _datasets.Select(id => (id, id))];

    private IEnumerable<(string Value, string Text)> CheckpointOptions =>
    [
        ("best", "best"),
        ("last", "last"),
        .. (Checkpoints.IsDefault ? [] : Checkpoints).Select(one => one.Step).Distinct().OrderDescending().Select(step => step.ToString(CultureInfo.InvariantCulture)).Select(step => (step, $"step {step}")),
    ];

    private int? Size => int.TryParse(_size, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null;

    private string? SizeError => _size.Length == 0 || Size is >= 1 and <= EvaluationSpec.MaxImageSize ? null : $"1 to {EvaluationSpec.MaxImageSize} pixels";

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override void OnParametersSet()
    {
        if (_followed != Id)
        {
            (_followed, _evaluations) = (Id, null);
            _ = LoadDatasetsAsync();
            _ = FollowAsync();
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
            await InvokeAsync(StateHasChanged);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            _datasets = []; // its own is still there
        }
    }

    /// <summary>Looks, and looks again until nothing runs any more.</summary>
    private async Task FollowAsync()
    {
        var (id, round, gone) = (Id, ++_round, _gone.Token);
        _failure = null;
        try
        {
            while (true)
            {
                var seen = await client.ListEvaluationsAsync(id);
                if (gone.IsCancellationRequested || round != _round)
                {
                    return;
                }

                _evaluations = seen;
                await InvokeAsync(StateHasChanged);
                if (seen.All(one => one.IsFinal))
                {
                    return;
                }

                await Task.Delay(Poll, time, gone);
            }
        }
        catch (OperationCanceledException)
        {
            // the page is gone
        }
        catch (Exception failure)
        {
            _failure = failure.Message;
            await InvokeAsync(StateHasChanged);
        }
    }

    private async Task StartAsync()
    {
        _busy = true;
        var choice = CheckpointChoice.TryParse(_checkpoint, out var parsed) ? parsed : default;
        await snackbar.TryAsync("The evaluation was not started", () => client.StartEvaluationAsync(new EvaluationSpec(Id, _dataset.Length > 0 ? _dataset : null, _split, Size, choice), "dashboard"));
        _busy = false;
        _ = FollowAsync();
    }

    private async Task CancelAsync(string evaluation)
    {
        await snackbar.TryAsync("The evaluation was not cancelled", () => client.CancelEvaluationAsync(evaluation, "Asked for on the dashboard.", "dashboard"));
        _ = FollowAsync();
    }
}
