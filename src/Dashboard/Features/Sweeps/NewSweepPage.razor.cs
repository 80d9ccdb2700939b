using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Features.Sweeps;

/// <summary>Asks for a sweep, shows what it will run, and starts it.</summary>
public sealed partial class NewSweepPage(IMlTrClient client, NavigationManager navigation)
{
    private static readonly string[] Metrics = [MetricNames.MeanAveragePrecision, MetricNames.ClassF1, MetricNames.OverallF1];

    private SweepForm _form = new();
    private ImmutableArray<SpecError> _errors = []; // as typed now
    private ImmutableArray<SpecError> _shown = []; // since the last try to start, less what was corrected
    private string? _failure;
    private string? _notice;
    private string? _datasetProblem;
    private string? _datasetHelp;
    private bool _starting;
    private bool _filled;
    private (string? Template, string? From, string? Dataset, string? Extend)? _source;
    private SweepSnapshot? _wider; // the sweep that gets more trials; null for a new one
    private string? _untouched; // the form's draft before anybody typed
    private bool _draftDue; // the form was filled, and what was typed in this tab before has not been looked for
    private bool _changed;
    private bool _restored; // from a draft
    private int _lookUp; // the newest question about a dataset; answers to earlier ones are dropped

    [Inject] internal Browser Browser { get; set; } = null!;

    /// <summary>Where to start from: a template's name; the first sweep if none is known by that name.</summary>
    [SupplyParameterFromQuery] public string? Template { get; set; }

    /// <summary>A sweep to start from instead.</summary>
    [SupplyParameterFromQuery] public string? From { get; set; }

    /// <summary>A sweep to give more trials instead of starting one.</summary>
    [SupplyParameterFromQuery] public string? Extend { get; set; }

    /// <summary>A dataset to search on instead of the template's.</summary>
    [SupplyParameterFromQuery] public string? Dataset { get; set; }

    /// <summary>Under which name the browser keeps what is typed.</summary>
    private string DraftKey => SweepDraft.KeyOf(Template, From, Dataset, Extend);

    private string Title => _wider is null ? "New sweep" : $"Extend {_wider.Spec.Name}";

    /// <summary>What the form asks for. A grid has neither budget nor seed in the form: a sweep that is extended keeps those that it has.</summary>
    private SweepSpec Spec => _form.ToSpec() is var spec && _wider is { Spec.Search: { Kind: SearchKind.Grid } search } && spec.Search.Kind == SearchKind.Grid
        ? spec with { Search = search }
        : spec;

    private string CountText
    {
        get
        {
            var spec = Spec;
            var (count, shape) = (Count(spec), SweepGrid.Shape(spec));
            return _wider is { } sweep ? $"{count} in all, {Format.Count(sweep.TrialCount, "trial")} so far"
                : spec.Search.Kind != SearchKind.Grid || !shape.Contains('×', StringComparison.Ordinal) ? count
                : ParameterGrid.Combinations(spec) is var all && all == SweepGrid.Count(spec) ? $"{count} = {shape}"
                : $"{count} of {shape} combinations";
        }
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_source != (Template, From, Dataset, Extend))
        {
            _source = (Template, From, Dataset, Extend);
            await FillAsync();
        }
    }

    /// <summary>Fills the form. Until that is done there is none: what somebody typed meanwhile would be lost.</summary>
    private async Task FillAsync()
    {
        var template = SweepTemplates.All.FirstOrDefault(known => known.Key == Template).Spec ?? SweepTemplates.FirstSweep;
        var (source, form, failure, wider) = (_source, SweepForm.FromSpec(template), default(string), default(SweepSnapshot));
        if ((Extend is { Length: > 0 } ? Extend : From) is { Length: > 0 } id)
        {
            _filled = false;
            try
            {
                var sweep = await client.GetSweepAsync(id);
                (form, wider) = (SweepForm.FromSpec(sweep.Spec), id == Extend ? sweep : null);
            }
            catch (Exception error)
            {
                failure = $"{id} could not be {(id == Extend ? "extended" : "taken as a start")}, so this is the first sweep: {error.Message}";
            }
        }

        if (source == _source)
        {
            _wider = wider;
            (_form, _filled, _shown, _restored) = (form, true, [], false);
            form.Dataset = Dataset is { Length: > 0 } ? Dataset : form.Dataset;
            OnDataset(form.Dataset);
            _notice = failure;
            (_untouched, _draftDue, _changed) = (SweepDraft.Write(form), true, false);
        }
    }

    /// <summary>The browser keeps what is typed: a restart of the server, or a load of the page, does not lose it.</summary>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_filled || _source is not { } source)
        {
            return;
        }

        var key = DraftKey; // as it is now: the address may change while the browser answers
        if (_draftDue)
        {
            _draftDue = false;
            var kept = await Browser.ReadDraftAsync(key);
            if (!_changed && source == _source && kept != _untouched && SweepDraft.TryRead(kept) is { } form)
            {
                (_form, _restored) = (form, true);
                OnDataset(form.Dataset);
                StateHasChanged();
            }
        }
        else if (_changed)
        {
            _changed = false;
            var now = SweepDraft.Write(_form);
            await Browser.KeepDraftAsync(key, now == _untouched ? null : now);
        }
    }

    /// <summary>Back to what the form began with.</summary>
    private async Task StartOverAsync()
    {
        _restored = false;
        await Browser.KeepDraftAsync(DraftKey, null);
        await FillAsync();
        _draftDue = false; // there is none any more
    }

    private static string Count(SweepSpec spec) => Format.Count((int)Math.Min(SweepGrid.Count(spec), int.MaxValue), "trial");

    private async Task<IEnumerable<string>> SearchDatasets(string? text, CancellationToken cancellationToken)
    {
        try
        {
            return (await client.ListDatasetsAsync()).Select(known => known.Id);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return [SweepTemplates.BuiltInDataset]; // a name can be typed all the same, and is looked up then
        }
    }

    /// <summary>Fills the form from a text.</summary>
    private void Take(SweepSpec spec)
    {
        (_form, _shown, _notice) = (SweepForm.FromSpec(spec), [], null);
        OnDataset(spec.Dataset);
    }

    private static Task<IEnumerable<string>> SearchMetrics(string? text, CancellationToken cancellationToken) => Task.FromResult<IEnumerable<string>>(Metrics);

    private Task<IEnumerable<HyperParameter>> SearchParameters(string? text, CancellationToken cancellationToken) =>
        Task.FromResult(_form.Unused.Where(known => Words.Matches(text, known.Name, known.Description)));

    private string? ErrorOf(string field) => ErrorsOf(field).FirstOrDefault();

    private ImmutableArray<string> ErrorsOf(string field) => [.. Visible.Where(error => error.Field == field).Select(error => error.Message)];

    /// <summary>A wrong number shows at once; what is merely not filled in yet shows after the first try.</summary>
    private IEnumerable<SpecError> Visible => _shown.Length > 0 ? _shown : _errors;

    private void Typed()
    {
        (_failure, _changed) = (null, true);
        _errors = CheckAll();
        _shown = _shown.Length > 0 ? _errors : [];
    }

    private ImmutableArray<SpecError> CheckAll()
    {
        var errors = _form.Check();
        return (_datasetProblem, _wider) switch
        {
            ({ } problem, null) when _form.Dataset.Trim().Length > 0 => [.. errors, new SpecError("dataset", problem)],
            (_, { } sweep) when errors.IsEmpty => SweepValidator.CheckExtension(sweep.Spec, Spec),
            _ => errors,
        };
    }

    private void SetSearch(SearchKind kind)
    {
        _form.Search = kind;
        Typed();
    }

    private void SetStopping(StoppingKind kind)
    {
        _form.Stopping = kind;
        Typed();
    }

    private void OnMetric(string? metric)
    {
        _form.Metric = metric ?? "";
        Typed();
    }

    private void OnDataset(string? dataset)
    {
        _form.Dataset = dataset ?? "";
        (_datasetProblem, _datasetHelp) = (null, null);
        Typed();
        _ = LookUpAsync(_form.Dataset.Trim(), ++_lookUp); // beside the form: nobody waits for the answer
    }

    private async Task LookUpAsync(string id, int lookUp)
    {
        var (problem, help) = id.Length == 0 ? default : await DescribeAsync(id);
        if (lookUp == _lookUp)
        {
            (_datasetProblem, _datasetHelp) = (problem, help);
            _errors = CheckAll();
            StateHasChanged();
        }
    }

    private async Task<(string? Problem, string? Help)> DescribeAsync(string id)
    {
        try
        {
            var known = await client.GetDatasetAsync(id);
            return (known.State == DatasetState.Failed ? $"{id} cannot be used: {known.Problem}" : null, known.Description);
        }
        catch (KeyNotFoundException)
        {
            return ($"There is no dataset '{id}'. The built-in one is {SweepTemplates.BuiltInDataset}.", null);
        }
        catch (Exception failure)
        {
            return (null, $"Could not be looked up: {failure.Message}");
        }
    }

    private void Add(HyperParameter? known)
    {
        if (known is not null && _form.Parameters.TrueForAll(one => one.Name != known.Name))
        {
            _form.Parameters.Add(new ParameterForm(known));
            Typed();
        }
    }

    private void Remove(ParameterForm parameter)
    {
        _form.Parameters.Remove(parameter);
        Typed();
    }

    private async Task StartAsync()
    {
        Typed();
        _shown = _errors;
        if (_starting || _shown.Length > 0)
        {
            return;
        }

        (_starting, _notice) = (true, null);
        try
        {
            var id = _wider?.Id ?? await client.StartSweepAsync(Spec, "dashboard");
            if (_wider is not null)
            {
                await client.ExtendSweepAsync(id, Spec, "dashboard");
            }

            _changed = false; // before the draft goes: a picture that the browser has just taken over would keep it again
            await Browser.KeepDraftAsync(DraftKey, null);
            navigation.NavigateTo(Words.SweepHref(id));
        }
        catch (SweepSpecException refused)
        {
            _shown = refused.Errors;
        }
        catch (NavigationException)
        {
            throw;
        }
        catch (Exception failure)
        {
            _failure = failure.Message;
        }
        finally
        {
            _starting = false;
        }
    }
}
