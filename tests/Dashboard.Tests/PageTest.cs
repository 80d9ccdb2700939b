using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MlTr.Abstractions.Accounts;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Datasets;
using MlTr.Dashboard.Features.Accounts.Access;
using MlTr.Testing;
using MudBlazor;

namespace MlTr.Dashboard.Tests;

/// <summary>A page over a fake client, with the providers that MudBlazor needs.</summary>
public abstract class PageTest : BunitContext, IAsyncLifetime
{
    // How long a condition may take to come true, on a busy machine too: bUnit's one second is no limit of the product.
    static PageTest() => DefaultWaitTimeout = TimeSpan.FromSeconds(30);

    protected PageTest()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddPages();
        Services.AddSingleton<IMlTrClient>(Client);
        Services.AddKeyedSingleton<IMlTrClient>(AccessKeys.Unguarded, Client);
        Client.Datasets["marks"] = new("marks", "coco", "/data", DatasetState.Ready, 1, null, "Drawn marks.", [], []);
    }

    protected const string Password = "correct horse battery";

    protected FakeMlTrClient Client { get; } = new();

    protected NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    protected IRenderedComponent<TPage> Open<TPage>(string address, Action<ComponentParameterCollectionBuilder<TPage>>? parameters = null)
        where TPage : IComponent
    {
        Render<MudPopoverProvider>();
        Render<MudDialogProvider>();
        Navigation.NavigateTo(address);
        return Render<TPage>(parameters ?? (_ => { }));
    }

    /// <summary>A dialog's button, once it is there.</summary>
    protected static IElement Button(IRenderedComponent<MudDialogProvider> dialogs, string text)
    {
        dialogs.WaitForAssertion(() => Assert.Contains(dialogs.FindAll("button"), button => button.TextContent.Trim() == text));
        return dialogs.FindAll("button").Single(button => button.TextContent.Trim() == text);
    }

    /// <summary>Whoever looks at pages opened from here on has this role; without it, nobody needs a login.</summary>
    protected async Task LogInAsync(string name, UserRole role)
    {
        await Client.AddUserAsync(name, role, Password);
        Services.GetRequiredService<LoginState>().Take(hasUsers: true);
        Services.GetRequiredService<Session>().Take(await Client.LogInAsync(name, Password));
    }

    public new ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return base.DisposeAsync();
    }
}
