using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Datasets;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Features.Datasets;

/// <summary>The form that makes a folder a dataset: it is checked first, and what is wrong is listed.</summary>
public sealed partial class RegisterDataset(IMlTrClient client, NavigationManager navigation)
{
    private readonly DatasetForm _form = new();
    private DatasetCheck? _check;
    private string? _failure;
    private bool _busy;

    /// <summary>Somebody wants the form gone.</summary>
    [Parameter] public EventCallback Closed { get; set; }

    private string? ErrorOf(string field) => _check?.Problems.FirstOrDefault(problem => problem.Field == field)?.Message;

    private void Typed() => (_check, _failure) = (null, null);

    private void SetFormat(string? format)
    {
        _form.Format = format ?? "";
        Typed();
    }

    private Task CheckOnlyAsync() => WorkAsync(_ => Task.CompletedTask);

    private Task RegisterAsync() => WorkAsync(async registration =>
    {
        if (_check!.Problems.IsEmpty)
        {
            var known = await client.RegisterDatasetAsync(registration, "dashboard");
            await client.PrepareDatasetAsync(known.Id); // whoever registers a dataset wants to see it
            navigation.NavigateTo(Words.DatasetHref(known.Id));
        }
    });

    private async Task WorkAsync(Func<DatasetRegistration, Task> then)
    {
        (_busy, _failure, _check) = (true, null, null);
        try
        {
            var registration = _form.ToRegistration();
            _check = await client.CheckDatasetAsync(registration);
            await then(registration);
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
            _busy = false;
        }
    }
}
