using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Sweeps;
using MlTr.Dashboard.Features.Accounts.Access;
using MlTr.Dashboard.Shared;
using MlTr.Testing;

namespace MlTr.Dashboard.Tests.Shared;

public sealed class FirstVisitTests
{
    private readonly FakeMlTrClient _client = new();
    private string? _asked;

    [Fact]
    public async Task Start_AsksForTheDocument_AndDrawsTheHomePageUntilItsContentIsThere()
    {
        _client.Put(Show.Sweep("old", SweepState.Completed) with { EndedAt = Show.Start });

        Assert.Contains("Recently finished", await VisitAsync(), StringComparison.Ordinal);

        Assert.Equal("/", _asked);
        var limit = TimeProvider.System.GetUtcNow().AddSeconds(15);
        while (_client.Watchers > 0 && TimeProvider.System.GetUtcNow() < limit)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken); // streams are let go of a moment after the page is gone
        }

        Assert.Equal(0, _client.Watchers);
    }

    [Fact]
    public async Task Start_TheClientFails_IsNoFailureOfTheHost()
    {
        _client.Failure = new InvalidOperationException("The silo is away.");

        Assert.Contains("The silo is away.", await VisitAsync(), StringComparison.Ordinal);
    }

    /// <returns>The home page as it was drawn last.</returns>
    private async Task<string?> VisitAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<IMlTrClient>(_client).AddKeyedSingleton<IMlTrClient>(AccessKeys.Unguarded, _client).AddMlTrDashboard();
        await using var app = builder.Build();
        app.Run(context =>
        {
            _asked = context.Request.Path;
            return Task.CompletedTask;
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        var visit = app.Services.GetRequiredService<FirstVisit>();

        await visit.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        await app.StopAsync(TestContext.Current.CancellationToken);
        return visit.Seen;
    }
}
