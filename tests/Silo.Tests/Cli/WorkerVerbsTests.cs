using System.Text.Json;
using MlTr.Abstractions.Workers;
using MlTr.Silo.Cli.Model;
using MlTr.Silo.Cli.Platform;
using MlTr.Silo.Hosting;
using MlTr.Testing;
using Spectre.Console;

namespace MlTr.Silo.Tests.Cli;

public sealed class WorkerVerbsTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 17, 45, 0, TimeSpan.Zero);

    private readonly FakeMlTrClient _client = new();
    private readonly StringWriter _output = new();

    public WorkerVerbsTests()
    {
        _client.Scheduler = new([], [new("cpu-0", "cpu", "CPU, 2 threads", WorkerState.Busy, new("s", 3), 42, "box", Start, Start, 1, 1 << 20, 5)]);
        Utilisation hour = new(Start, TimeSpan.FromMinutes(2), [.. Enumerable.Repeat(0.25, 30)], 0.25);
        _client.Utilisation["cpu-0"] = new("cpu-0", hour, hour with { Share = 0.5 });
    }

    public void Dispose() => _output.Dispose();

    [Fact]
    public async Task Workers_ListsStateWorkAndUse()
    {
        await WorkersAsync();

        var text = _output.ToString();
        Assert.All((string[])["cpu-0", "Busy", "CPU, 2 threads", "s/3", "25", "box"], word => Assert.Contains(word, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Workers_AsJson_IsOneArray()
    {
        await WorkersAsync("--json");

        using var json = JsonDocument.Parse(_output.ToString());
        var worker = json.RootElement.EnumerateArray().Single();
        Assert.Equal(("cpu-0", "busy", "s/3"), (worker.GetProperty("id").GetString(), worker.GetProperty("state").GetString(), worker.GetProperty("trial").GetString()));
        Assert.Equal((0.25, 0.5), (worker.GetProperty("used_last_hour").GetDouble(), worker.GetProperty("used_last_day").GetDouble()));
        Assert.Equal(JsonValueKind.Null, worker.GetProperty("drained_by").ValueKind);
    }

    [Fact]
    public async Task Workers_WithoutAny_SaysHowToGetSome()
    {
        _client.Scheduler = new([], []);

        await WorkersAsync();

        Assert.Contains("serve", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Worker_DrainThenResume_AreAskedFor()
    {
        await WorkerAsync("drain", "cpu-0", "--by", "ada");
        Assert.Equal("ada", _client.Scheduler.Workers[0].DrainedBy);
        await WorkersAsync();
        Assert.Contains("drained by ada", _output.ToString(), StringComparison.Ordinal);
        await WorkerAsync("resume", "cpu-0");

        Assert.Equal(["drain cpu-0", "resume cpu-0"], _client.Asked);
    }

    [Theory]
    [InlineData("takes drain or resume", "drain")]
    [InlineData("takes drain or resume", "stop", "cpu-0")]
    [InlineData("No worker 'cpu-9' has called in; there are cpu-0", "drain", "cpu-9")]
    public async Task Worker_WhatCannotBe_IsOneLine(string says, params string[] words)
    {
        var error = await Assert.ThrowsAsync<PlatformException>(() => WorkerAsync(words));

        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Empty(_client.Asked);
    }

    private Task<int> WorkersAsync(params string[] words) => WorkerVerbs.ListAsync(_client, VerbArguments.Parse(WorkerVerbs.List, words), Console());

    private Task<int> WorkerAsync(params string[] words) => WorkerVerbs.DecideAsync(_client, VerbArguments.Parse(WorkerVerbs.One, words), Console());

    private IAnsiConsole Console()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(_output), Ansi = AnsiSupport.No });
        console.Profile.Width = 200;
        return console;
    }
}
