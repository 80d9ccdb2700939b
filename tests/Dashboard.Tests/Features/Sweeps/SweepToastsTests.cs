using Bunit;
using MlTr.Abstractions.Sweeps;
using MlTr.Dashboard.Features.Sweeps;
using MudBlazor;

namespace MlTr.Dashboard.Tests.Features.Sweeps;

public sealed class SweepToastsTests : PageTest
{
    private static IEnumerable<string> Said(IRenderedComponent<MudSnackbarProvider> toasts) => toasts.FindAll(".mud-snackbar-content-message").Select(toast => toast.TextContent.Trim()).Order(StringComparer.Ordinal);

    [Fact]
    public void Event_ASweepEnds_IsToldOnce_WithItsBestTrial()
    {
        Client.Put(Show.Sweep("old", SweepState.Completed));
        Client.Put(Show.Sweep("s"));
        var toasts = Open();

        Client.Publish("old", new SweepEvent(Sweep: Show.Sweep("old", SweepState.Completed) with { Tags = ["seen"] }));
        Client.Publish("s", new SweepEvent(Sweep: Show.Sweep("s", SweepState.Completed, trials: Show.Trial("s", 2, map: 0.8312))));
        Client.Publish("s", new SweepEvent(Sweep: Show.Sweep("s", SweepState.Completed)));
        Client.Publish("f", new SweepEvent(Sweep: Show.Sweep("f", SweepState.Failed) with { EndedAt = TimeProvider.System.GetUtcNow().AddMinutes(1) }));

        toasts.WaitForAssertion(() => Assert.Equal(
            ["First sweep has completed. Best mAP: 83.1%, trial 2.", "First sweep has ended, with trials that failed."], Said(toasts)));
    }

    [Fact]
    public void Event_ASweepThatIsRestored_OrIsTheOpenPage_IsNotTold()
    {
        Client.Put(Show.Sweep("s"));
        Client.Put(Show.Sweep("s2"));
        var toasts = Open("/sweeps/s/trials/1");

        Client.Publish("restored", new SweepEvent(Sweep: Show.Sweep("restored", SweepState.Completed))); // was deleted, and so in no list
        Client.Publish("s", new SweepEvent(Sweep: Show.Sweep("s", SweepState.Completed)));
        Client.Publish("s2", new SweepEvent(Sweep: Show.Sweep("s2", SweepState.Cancelled)));

        toasts.WaitForAssertion(() => Assert.Equal(["First sweep was cancelled."], Said(toasts)));
    }

    [Fact]
    public void Event_ASweepThatWentOnEndsAgain_IsToldAgain()
    {
        Client.Put(Show.Sweep("s", SweepState.Failed));
        var toasts = Open();

        Client.Publish("s", new SweepEvent(Sweep: Show.Sweep("s")));
        Client.Publish("s", new SweepEvent(Sweep: Show.Sweep("s", SweepState.Completed)));

        toasts.WaitForAssertion(() => Assert.Equal(["First sweep has completed."], Said(toasts)));
    }

    private IRenderedComponent<MudSnackbarProvider> Open(string address = "/workers")
    {
        var toasts = Render<MudSnackbarProvider>();
        var page = Open<SweepToasts>(address);
        page.WaitForAssertion(() => Assert.Equal(1, Client.Watchers));
        return toasts;
    }
}
