using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace MlTr.EndToEnd.Tests;

/// <summary>Starts that cannot succeed end with one line that says what to do; starts that do, say that they are ready only when they are.</summary>
public sealed class StartTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("mltr-start-");

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task PortInUse_IsOneLineAndExitCodeOne()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        await FailsAsync("--port", "--data", _data.FullName, "--port", $"{((IPEndPoint)taken.LocalEndpoint).Port}");
    }

    [Fact]
    public async Task DataFolderIsAFile_IsOneLineAndExitCodeOne()
    {
        var file = Path.Combine(_data.FullName, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);

        await FailsAsync("--data", "--data", file, "--port", "0");
    }

    [Fact]
    public async Task DatabaseOfANewerVersion_IsOneLineAndExitCodeOne()
    {
        await using (var database = new SqliteConnection($"Data Source={Path.Combine(_data.FullName, "mltr.db")};Pooling=False"))
        {
            database.Open();
            using var command = database.CreateCommand();
            command.CommandText = "CREATE TABLE __EFMigrationsHistory (MigrationId TEXT PRIMARY KEY, ProductVersion TEXT NOT NULL); INSERT INTO __EFMigrationsHistory VALUES ('29991231000000_Later', '99')";
            command.ExecuteNonQuery();
        }

        await FailsAsync("newer", "--data", _data.FullName, "--port", "0");
    }

    [Fact]
    public async Task AddressOfOthers_WithoutAUser_IsOneLineThatSaysHowToAddOne_AndExitCodeOne() =>
        await FailsAsync("user add NAME --role admin", "--data", _data.FullName, "--urls", "http://0.0.0.0:0", "--workers", "0");

    [Theory]
    [InlineData("--prot", "5")]
    [InlineData("--workers", "many")]
    [InlineData("--log", "loud")]
    public async Task WhatIsNotUnderstood_IsOneLineAndExitCodeOne(params string[] arguments) =>
        await FailsAsync("", [.. arguments, "--data", _data.FullName]);

    [Fact]
    public async Task Started_AnswersProbes_AndKeepsASecondPlatformOffItsData()
    {
        await using var platform = PlatformProcess.Start("--data", _data.FullName, "--port", "0");
        using var http = new HttpClient { BaseAddress = new Uri(await platform.AddressAsync()) };

        Assert.Equal("Healthy", await http.GetStringAsync("/health/live", TestContext.Current.CancellationToken));
        var ready = JsonDocument.Parse(await http.GetStringAsync("/health/ready", TestContext.Current.CancellationToken)).RootElement;
        Assert.Equal("ok", ready.GetProperty("checks").GetProperty("store").GetString());
        Assert.Equal("ok", ready.GetProperty("checks").GetProperty("grains").GetString());

        Assert.Contains("<html", await http.GetStringAsync("/orleans/", TestContext.Current.CancellationToken), StringComparison.OrdinalIgnoreCase);
        await HostsAppearAsync(http);

        await FailsAsync("in use by another MlTr process", "--data", _data.FullName, "--port", "0");

        platform.Interrupt();
        Assert.Equal(0, await platform.ExitAsync());
    }

    /// <summary>Orleans' dashboard counts once a second: right after the start it knows no host yet.</summary>
    private static async Task HostsAppearAsync(HttpClient http)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (JsonDocument.Parse(await http.GetStringAsync("/orleans/DashboardCounters", patience.Token)).RootElement.GetProperty("hosts").GetArrayLength() == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
        }
    }

    [Fact]
    public async Task ControlKilled_ItsWorkerEndsByItself()
    {
        await using var platform = PlatformProcess.Start("--data", _data.FullName, "--port", "0");
        var worker = await platform.WorkerAsync();

        PlatformProcess.Signal("-KILL", platform.Id);

        await platform.ExitAsync();
        for (var wait = 0; wait < 100 && Directory.Exists($"/proc/{worker}"); wait++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.False(Directory.Exists($"/proc/{worker}"), $"Worker {worker} lives on.");
    }

    private static async Task FailsAsync(string says, params string[] arguments)
    {
        await using var platform = PlatformProcess.Start(arguments);

        Assert.Equal(1, await platform.ExitAsync());
        Assert.Contains(says, Assert.Single(platform.Output.Split('\n')), StringComparison.Ordinal);
    }
}
