using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Models;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Features.Sweeps;
using MlTr.Dashboard.Shared;
using MudBlazor;

namespace MlTr.Dashboard.Features.Models;

/// <summary>The dialog that makes a trial's checkpoint a version of a model.</summary>
public sealed partial class RegisterModel(IMlTrClient client, NavigationManager navigation)
{
    private const int Offered = 8;

    private static readonly (string, string)[] Choices = [(nameof(ModelCheckpoint.Best), "the best: highest mAP"), (nameof(ModelCheckpoint.Last), "the last")];

    private ImmutableArray<string> _known = [];
    private string _name = "";
    private string _choice = nameof(ModelCheckpoint.Best);
    private string? _failure;
    private bool _busy;

    [CascadingParameter] private IMudDialogInstance? Dialog { get; set; }

    [Parameter, EditorRequired] public TrialId Trial { get; set; }

    /// <summary>Opens it over a page.</summary>
    internal static Task ShowAsync(IDialogService dialogs, TrialId trial) =>
        dialogs.ShowAsync<RegisterModel>(null, new DialogParameters<RegisterModel> { { dialog => dialog.Trial, trial } });

    protected override async Task OnInitializedAsync()
    {
        try
        {
            _known = [.. (await client.ListModelsAsync()).Select(model => model.Name).Take(Offered)];
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            _failure = failure.Message;
        }
    }

    private async Task RegisterAsync()
    {
        (_busy, _failure) = (true, null);
        try
        {
            var name = _name.Trim();
            await client.RegisterModelAsync(name, Trial, Enum.Parse<ModelCheckpoint>(_choice), SweepActions.By);
            Dialog?.Close();
            navigation.NavigateTo(Words.ModelHref(name));
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
