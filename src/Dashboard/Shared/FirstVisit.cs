using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MlTr.Dashboard.Features.Home;

namespace MlTr.Dashboard.Shared;

/// <summary>
/// Opens the home page once for nobody, right after the start: the first reader would wait while the runtime compiles some four thousand methods
/// and the trials of old sweeps are read for the first time.
/// </summary>
internal sealed partial class FirstVisit(IServiceProvider services, IServer server, IHostApplicationLifetime lifetime, ILoggerFactory loggers, ILogger<FirstVisit> logger) : BackgroundService
{
    /// <summary>How long the page may take until its content is there.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>The page as it was, for tests; null before.</summary>
    internal string? Seen { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var _ = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        foreach (var step in new[] { LoadAsync, RenderAsync })
        {
            try
            {
                await step(stoppingToken);
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(error); // only comfort: readers open the page themselves
            }
        }
    }

    /// <summary>The document, as a browser asks for it.</summary>
    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (server.Features.Get<IServerAddressesFeature>()?.Addresses.Select(address => new Uri(address)).FirstOrDefault(address => address is { IsLoopback: true, Scheme: "http" }) is { } address)
        {
            using var http = new HttpClient { Timeout = Patience };
            using var answer = await http.GetAsync(address, cancellationToken);
        }
    }

    /// <summary>What the document's connection then draws.</summary>
    private async Task RenderAsync(CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var home = new Uri("http://localhost/").ToString();
        ((IHostEnvironmentNavigationManager)scope.ServiceProvider.GetRequiredService<NavigationManager>()).Initialize(home, home);
        await using var renderer = new HtmlRenderer(scope.ServiceProvider, loggers);
        await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var page = await renderer.RenderComponentAsync<LayoutView>(ParameterView.FromDictionary(new Dictionary<string, object?>
            {
                [nameof(LayoutView.Layout)] = typeof(MainLayout),
                [nameof(LayoutView.ChildContent)] = (RenderFragment)(builder =>
                {
                    builder.OpenComponent<HomePage>(0);
                    builder.CloseComponent();
                }),
            }));
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(Patience);
            do
            {
                await Task.Delay(LookEvery, limit.Token);
                Seen = page.ToHtmlString();
            }
            while (Seen.Contains("aria-label=\"Loading\"", StringComparison.Ordinal));
        });
    }

    [LoggerMessage(LogLevel.Debug, "The pages could not be opened ahead of their first reader")]
    private partial void LogFailed(Exception error);
}
