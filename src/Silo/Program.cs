using MlTr.Abstractions.Sweeps;
using MlTr.Model.Native;
using MlTr.Silo.Cli;
using MlTr.Silo.Cli.Model;
using MlTr.Silo.Cli.Platform;
using MlTr.Silo.Hosting;
using MlTr.Silo.Workers;
using Spectre.Console;

using var signals = new StopSignals();
var addresses = "";
try
{
    if (Console.IsOutputRedirected)
    {
        var output = new WholeLines(Console.Out);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => output.WriteRest();
        AnsiConsole.Console = output.CreateConsole();
        AnsiConsole.Profile.Width = 200; // a file has no edge to wrap at
    }

    if (ModelVerbs.TryRun(args, AnsiConsole.Console, signals.Requested) is { } code)
    {
        return code;
    }

    if (await PlatformVerbs.TryRunAsync(args, AnsiConsole.Console, signals.Requested) is { } answer)
    {
        return answer;
    }

    var line = CommandLine.Parse(args);
    if (line.Verb == CommandLine.Help)
    {
        Console.WriteLine(CommandLine.HelpText);
        return 0;
    }

    var configuration = new ConfigurationBuilder();
    configuration.AddPlatformSettings(line.Settings);
    var options = configuration.Build().ReadPlatform();
    addresses = options.Addresses;
    return options.IsControl || options.IsDashboard ? await ControlAsync(line, options) : await WorkerAsync(line, options);
}
catch (Exception error) when (StartErrors.Explain(error, addresses) is { } message)
{
    await Console.Error.WriteLineAsync(message);
    return 1;
}
catch (OperationCanceledException) when (signals.Requested.IsCancellationRequested)
{
    return 0;
}

async Task<int> ControlAsync(CommandLine line, PlatformOptions options)
{
    var settings = new Dictionary<string, string?>(line.Settings, StringComparer.OrdinalIgnoreCase);
    var demo = line.Verb == CommandLine.Demo ? Demo.Spec(settings.GetValueOrDefault("Demo:Dataset"), settings.GetValueOrDefault("Demo:Passes")) : null;
    if (demo is not null)
    {
        settings.TryAdd("Logging:LogLevel:Default", "Warning"); // the table has the screen
    }

    await using var app = ControlHost.Build(settings);
    await app.StartAsync(); // not cut short by a signal: a start takes seconds, and half of one cannot be stopped in order
    var code = 0;
    try
    {
        using var stop = signals.Requested.Register(app.Lifetime.StopApplication);
        await WelcomeAsync(app, options);
        if (demo is not null)
        {
            code = await RunDemoAsync(app, demo) ? 0 : 1;
        }

        if (demo is null || line.Flags.Contains("--keep"))
        {
            await Task.Delay(Timeout.Infinite, app.Lifetime.ApplicationStopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
    catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
    {
        // asked to stop while the demo ran
    }
    finally
    {
        await app.StopInOrderAsync();
    }

    if (app.Services.GetRequiredService<PlatformFailure>().Message is { } message)
    {
        await Console.Error.WriteLineAsync(message);
        return 1;
    }

    return code;
}

async Task WelcomeAsync(WebApplication app, PlatformOptions options)
{
    var data = app.Services.GetRequiredService<DataFolder>();
    var address = app.Addresses().FirstOrDefault() ?? options.Addresses;
    await app.Services.GetRequiredService<Cluster>().PublishAsync(app.Services.GetRequiredService<IGrainFactory>(), data.ClusterFile, address);
    AnsiConsole.MarkupLineInterpolated($"[bold]MlTr Platform[/] is ready at [link]{address}[/]");
    AnsiConsole.MarkupLineInterpolated($"Data folder: {data.Root}");
    AnsiConsole.MarkupLine("Stop with Ctrl-C: running trials leave a checkpoint and go on at the next start.");
}

Task<bool> RunDemoAsync(WebApplication app, SweepSpec spec) =>
    new Demo(app.Services.GetRequiredService<StoppingClient>(), AnsiConsole.Console).RunAsync(spec, app.Lifetime.ApplicationStopping);

async Task<int> WorkerAsync(CommandLine line, PlatformOptions options)
{
    try
    {
        NativeTorch.EnsureLoaded();
    }
    catch (NativeTorchException error)
    {
        await Console.Error.WriteLineAsync(error.Message);
        return WorkerLauncher.CannotWork;
    }

    using var host = WorkerHost.Build(line.Settings, Console.In);
    var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
    await host.StartAsync(); // half of a start cannot be stopped in order
    using var stop = (options.IsSupervised ? signals.Terminated : signals.Requested).Register(lifetime.StopApplication);
    await host.WaitForShutdownAsync();
    return 0;
}
