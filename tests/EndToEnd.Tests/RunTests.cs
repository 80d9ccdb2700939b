using System.Text.Json;
using System.Text.Json.Nodes;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Sweeps;

namespace MlTr.EndToEnd.Tests;

/// <summary>The verbs that talk to a platform, as real processes.</summary>
public sealed class RunTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mltr-run-");

    private string Data => Path.Combine(_folder.FullName, "data");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Run_ASweepOnOnesOwnPictures_EndsWithEveryResult_AndABackupHoldsIt()
    {
        Pictures.Write(Path.Combine(_folder.FullName, "mine"));
        var sweep = WriteSweep("""
            name: Mine
            datasets: [{id: mine, folder: mine}]
            search: {kind: random, trials: 2, seed: 3}
            parameters:
              learning_rate: {min: 1e-4, max: 1e-2, log: true}
              passes: 1
              batch_size: 4
              image_size: 32
            """);

        var result = JsonNode.Parse(await AnswerAsync(0, "run", sweep, "--json", "--log", "information"))!;

        Assert.Equal(("completed", "mine"), ((string?)result["state"], (string?)result["spec"]!["dataset"]));
        var trials = result["trials"]!.AsArray();
        Assert.Equal([1, 2], trials.Select(trial => (int)trial!["rank"]!));
        Assert.All(trials, trial => Assert.Equal("completed", (string?)Assert.Single(trial!["attempts"]!.AsArray())!["state"]));
        Assert.All(trials, trial => Assert.InRange((double)trial!["metrics"]!["val/mAP"]!, 0, 1));

        var id = (string)result["id"]!;
        Assert.Contains("is version 1 of kitchen", await AnswerAsync(0, "register", $"{id}/1", "--name", "kitchen", "--by", "ann"), StringComparison.Ordinal);
        Assert.Equal($"{id}/1", (string?)JsonNode.Parse(await AnswerAsync(0, "models", "--json"))![0]!["versions"]![0]!["trial"]);
        Assert.Contains("has the tags night, first", await AnswerAsync(0, "tag", id, "night", "first"), StringComparison.Ordinal);
        var backup = Path.Combine(_folder.FullName, "kept.db");
        Assert.Contains("checked", await AnswerAsync(0, "backup", backup), StringComparison.Ordinal);
        Assert.Contains("exists already", await AnswerAsync(1, "backup", backup), StringComparison.Ordinal);

        Directory.Delete(Data, recursive: true);
        Directory.CreateDirectory(Data);
        File.Move(backup, Path.Combine(Data, "mltr.db"));
        Assert.Contains(id, await AnswerAsync(0, "sweeps"), StringComparison.Ordinal);
        Assert.Contains("No trial there", await AnswerAsync(0, "retry", id), StringComparison.Ordinal);
        Assert.Contains("was not deleted", await AnswerAsync(1, "purge", id), StringComparison.Ordinal);
        Assert.Contains("is Deleted", await AnswerAsync(0, "delete", id), StringComparison.Ordinal);
        Assert.DoesNotContain(id, await AnswerAsync(0, "sweeps"), StringComparison.Ordinal);
        Assert.Contains("is gone", await AnswerAsync(0, "purge", id), StringComparison.Ordinal);
        Assert.Contains($"There is no sweep '{id}'", await AnswerAsync(1, "trials", id), StringComparison.Ordinal);
        Assert.Contains("There is no sweep 'other'", await AnswerAsync(1, "trials", "other"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verbs_BesideARunningPlatform_TalkToIt()
    {
        Pictures.Write(Path.Combine(_folder.FullName, "mine"));
        var sweep = WriteSweep("""
            name: Long
            datasets: [{id: mine, folder: mine, format: folder}]
            parameters: {passes: 10000, batch_size: 4, image_size: 32}
            """);
        await using var run = PlatformProcess.Start("run", sweep, "--data", Data, "--by", "ann");
        await run.LineAsync(line => line.StartsWith("trial 1 Running", StringComparison.Ordinal));
        var id = (string)JsonNode.Parse(await AnswerAsync(0, "sweeps", "--json"))![0]!["id"]!;

        Assert.Contains("is Paused", await AnswerAsync(0, "pause", id), StringComparison.Ordinal);
        Assert.Contains("is Running", await AnswerAsync(0, "resume", id), StringComparison.Ordinal);
        var note = JsonSerializer.Deserialize<PlatformAddress>(await File.ReadAllTextAsync(Path.Combine(Data, "cluster.json"), TestContext.Current.CancellationToken), JsonSerializerOptions.Web)!;
        await using (var platform = await PlatformConnection.OpenAsync(note.Dashboard, TestContext.Current.CancellationToken))
        {
            Assert.Equal("ann", (await platform.Client.GetEventsAsync(id)).First(change => change.Kind == "sweep-started").By);
            Assert.Equal(SweepState.Running, (await platform.Client.GetSweepAsync(id)).State);
        }

        var refused = await AnswerAsync(1, "run", WriteSweep("name: a\npriority: 1000\ndataset: mime"));
        Assert.Contains("priority:", refused, StringComparison.Ordinal);
        Assert.Contains("There is no dataset 'mime'. Did you mean mine?", refused, StringComparison.Ordinal);

        Assert.Contains("is Cancelled", await AnswerAsync(0, "cancel", id, "--url", note.Dashboard, "--reason", "seen enough"), StringComparison.Ordinal);

        Assert.Equal(1, await run.ExitAsync());
        Assert.Contains("seen enough", run.Output, StringComparison.Ordinal);
        Assert.Contains($"retry {id}", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("parameters: {passes: 0}\nname: a\ndataset: marks", "passes lies between 1 and")]
    [InlineData("name: a\ndataset: nowhere", "There is no dataset 'nowhere'. Known: marks")]
    [InlineData("name: a\ndatasets: [{id: a, folder: nowhere}]", "There is no folder")]
    public async Task Run_WhatCannotStart_SaysWhyAndLeavesNoSweep(string text, string message)
    {
        var answer = await AnswerAsync(1, "run", WriteSweep(text));

        Assert.Contains(message, answer, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", answer, StringComparison.Ordinal);
    }

    /// <summary>What a verb printed; of one that is to answer in JSON only its standard output, which a program reads.</summary>
    private async Task<string> AnswerAsync(int code, string verb, params string[] words)
    {
        await using var process = PlatformProcess.Start([verb, .. words, .. words.Contains("--url") ? [] : (string[])["--data", Data]]);
        Assert.True(await process.ExitAsync() == code, process.Output);
        return words.Contains("--json") ? process.Answer : process.Output;
    }

    private string WriteSweep(string text)
    {
        var path = Path.Combine(_folder.FullName, "sweep.yaml");
        File.WriteAllText(path, text);
        return path;
    }
}
