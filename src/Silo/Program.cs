using MlTr.Abstractions.Client;
using MlTr.Model.Native;
using MlTr.Silo.Cli;
using MlTr.Silo.Hosting;
using MlTr.Silo.Workers;
using Spectre.Console;

using var signals = new StopSignals();
var addresses = "";
try
{
    var line = CommandLine.Parse(args);
    if (line.Verb == CommandLine.Help)
    {
        Console.WriteLine(CommandLine.HelpText);
        return 0;
    }

    var roles = line.Settings.GetValueOrDefault("Platform:Roles") ?? "control";
    return roles.Contains("control", StringComparison.OrdinalIgnoreCase) ? await ControlAsync(line) : await WorkerAsync(line);
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

async Task<int> ControlAsync(CommandLine line)
{
    var demo = line.Verb == CommandLine.Demo;
    var spec = demo ? Demo.Spec(line.Settings.GetValueOrDefault("Demo:Dataset"), line.Settings.GetValueOrDefault("Demo:Passes")) : null;
    var settings = new Dictionary<string, string?>(line.Settings, StringComparer.OrdinalIgnoreCase);
    if (demo)
    {
        settings.TryAdd("Logging:LogLevel:Default", "Warning"); // the table has the screen
    }

    await using var app = ControlHost.Build(settings);
    var options = app.Services.GetRequiredService<PlatformOptions>();
    var data = app.Services.GetRequiredService<DataFolder>();
    var failure = app.Services.GetRequiredService<PlatformFailure>();
    addresses = options.Addresses;
    using var stop = signals.Requested.Register(app.Lifetime.StopApplication);
    await app.StartAsync(signals.Requested);
    var address = app.Addresses().FirstOrDefault() ?? options.Addresses;
    app.Services.GetRequiredService<Cluster>().Publish(data.ClusterFile, address);
    AnsiConsole.MarkupLineInterpolated($"[bold]MlTr Platform[/] is ready at [link]{address}[/]");
    AnsiConsole.MarkupLineInterpolated($"Data folder: {data.Root}");
    AnsiConsole.MarkupLine("Stop with Ctrl-C: running trials leave a checkpoint and go on at the next start.");

    var code = 0;
    if (spec is not null)
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = 200; // a file has no edge to wrap at
        }

        var completed = await new Demo(app.Services.GetRequiredService<IMlTrClient>(), AnsiConsole.Console).RunAsync(spec, app.Lifetime.ApplicationStopping);
        code = completed ? 0 : 1;
        if (!line.Flags.Contains("--keep"))
        {
            app.Lifetime.StopApplication();
        }
    }

    await app.WaitForShutdownAsync(CancellationToken.None);
    if (failure.Message is { } message)
    {
        await Console.Error.WriteLineAsync(message);
        return 1;
    }

    return code;
}

async Task<int> WorkerAsync(CommandLine line)
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
    await host.StartAsync();
    await host.WaitForShutdownAsync();
    return 0;
}
