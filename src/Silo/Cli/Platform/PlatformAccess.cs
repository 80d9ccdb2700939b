using System.Collections.Immutable;
using System.Text.Json;
using MlTr.Abstractions.Client;
using MlTr.Silo.Cli.Model;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Cli.Platform;

/// <summary>The platform that a verb talks to: the one at an address, the one that runs on the data folder, or one of its own in this process.</summary>
internal sealed class PlatformAccess : IAsyncDisposable
{
    public static readonly VerbOption Url = new("--url", "ADDRESS", "the dashboard's address of a running platform", Default: "the one that runs on the data folder");

    public static readonly VerbOption Data = new("--data", "FOLDER", "where everything is kept", Default: "data");

    /// <summary>The variable that has the API token for <see cref="Url"/>: on the command line everybody on the machine could read it.</summary>
    public const string TokenVariable = "MLTR_TOKEN";

    private readonly PlatformConnection? _connection;
    private readonly WebApplication? _app;

    private PlatformAccess(string address, PlatformConnection connection) => (Address, _connection, Client) = (address, connection, connection.Client);

    private PlatformAccess(string address, WebApplication app) => (Address, _app, Client) = (address, app, app.Services.GetRequiredService<StoppingClient>());

    public IMlTrClient Client { get; }

    /// <summary>The dashboard's address.</summary>
    public string Address { get; }

    /// <summary>Whether the platform runs in this process, and ends with it.</summary>
    public bool IsEmbedded => _app is not null;

    /// <summary>What ended a platform in this process from within.</summary>
    public string? Failure => _app?.Services.GetRequiredService<PlatformFailure>().Message;

    /// <summary>Asked for when a platform in this process stops by itself.</summary>
    public CancellationToken Stopping => _app?.Lifetime.ApplicationStopping ?? CancellationToken.None;

    /// <param name="arguments">What was typed.</param>
    /// <param name="embedded">The settings of a platform in this process.</param>
    /// <param name="stop">Ends a platform in this process.</param>
    /// <param name="mayBegin">Whether the verb may be the first that is ever done on the data folder; any other finds nothing on a new one, and would only make it where a name was mistyped.</param>
    /// <exception cref="PlatformException">There is no such platform.</exception>
    public static async Task<PlatformAccess> OpenAsync(VerbArguments arguments, IReadOnlyDictionary<string, string?> embedded, CancellationToken stop, bool mayBegin = false)
    {
        try
        {
            if (arguments[Url.Name] is { } url)
            {
                return new PlatformAccess(url, await PlatformConnection.OpenAsync(url, Environment.GetEnvironmentVariable(TokenVariable), stop));
            }

            var data = FolderOf(arguments);
            if (await FindRunningAsync(data, stop) is { } running)
            {
                return new PlatformAccess(running.Dashboard, await PlatformConnection.OpenAsync(running, stop));
            }

            return mayBegin || File.Exists(data.Database) || Setting(nameof(PlatformOptions.Store)) is { Length: > 0 } ? await EmbedAsync(data, embedded, stop) : throw Nothing(data);
        }
        catch (PlatformUnreachableException error)
        {
            throw new PlatformException(error.Message, error);
        }
    }

    /// <summary>Whether to open one takes no start: an address was typed, or one runs on the data folder.</summary>
    public static async Task<bool> IsRunningAsync(VerbArguments arguments, CancellationToken stop) =>
        arguments.Has(Url.Name) || await FindRunningAsync(FolderOf(arguments), stop) is not null;

    /// <summary>The data folder that was typed, or the one of the settings, as for the platform itself.</summary>
    public static DataFolder FolderOf(VerbArguments arguments) => new(new PlatformOptions { Data = arguments[Data.Name] ?? Setting(nameof(PlatformOptions.Data)) ?? new PlatformOptions().Data }.DataFolder);

    /// <summary>For a verb that looks for what is in a data folder in which no platform ever ran.</summary>
    public static PlatformException Nothing(DataFolder data) => new(
        $"There is no platform's data in {data.Root}{(Directory.Exists(data.Root) ? "" : ", which does not exist")}: name its folder with {Data.Name}, or begin there with: serve, or run SWEEP.yaml.");

    /// <summary>What files and environment say of the platform.</summary>
    private static string? Setting(string name)
    {
        var settings = new ConfigurationBuilder();
        settings.AddPlatformSettings(ImmutableDictionary<string, string?>.Empty);
        return settings.Build()[$"{PlatformOptions.Section}:{name}"];
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        if (_app is not null)
        {
            await _app.StopInOrderAsync();
            await _app.DisposeAsync();
        }
    }

    private static async Task<PlatformAccess> EmbedAsync(DataFolder data, IReadOnlyDictionary<string, string?> embedded, CancellationToken stop)
    {
        var settings = new Dictionary<string, string?>(embedded, StringComparer.OrdinalIgnoreCase) { ["Platform:Data"] = data.Root, ["Platform:Urls"] = "", ["Platform:TrustedProxies"] = "" }; // on loopback, whatever the platform itself is to listen on
        settings.TryAdd("Platform:Port", "0");
        settings.TryAdd("Logging:LogLevel:Default", "Warning");
        settings[Settings.LogsToErrors] = nameof(LogLevel.Trace); // the standard output is for the verb's answer
        var app = ControlHost.Build(settings);
        await app.StartAsync(CancellationToken.None); // a start takes seconds, and half of one cannot be stopped in order
        stop.Register(app.Lifetime.StopApplication);
        var address = app.Addresses().FirstOrDefault() ?? "";
        await app.Services.GetRequiredService<Cluster>().PublishAsync(app.Services.GetRequiredService<IGrainFactory>(), data.ClusterFile, address);
        return new PlatformAccess(address, app);
    }

    /// <summary>The platform that left its note in the folder, if it still answers.</summary>
    private static async Task<PlatformAddress?> FindRunningAsync(DataFolder data, CancellationToken cancellationToken)
    {
        try
        {
            var note = JsonSerializer.Deserialize<PlatformAddress>(await File.ReadAllTextAsync(data.ClusterFile, cancellationToken), JsonSerializerOptions.Web);
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
            var answer = await http.GetStringAsync(new Uri(Loopback.Nearest(new Uri(note!.Dashboard)), Cluster.IdPath), cancellationToken);
            return answer == note.ClusterId ? note : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or HttpRequestException or UriFormatException or NotSupportedException
            || (error is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null; // none, or one that has ended
        }
    }
}
