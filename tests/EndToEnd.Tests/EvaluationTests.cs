using System.Text.Json.Nodes;

namespace MlTr.EndToEnd.Tests;

/// <summary>A trial's checkpoint, evaluated by real processes.</summary>
public sealed class EvaluationTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mltr-evaluation-");

    private string Data => Path.Combine(_folder.FullName, "data");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Evaluate_AWorkerIsKilledInTheMiddle_GivesTheFiguresOfASingleWorkerToTheBit()
    {
        var sweep = Path.Combine(_folder.FullName, "sweep.yaml");
        await File.WriteAllTextAsync(sweep, "name: Short\ndataset: marks-mini\nparameters: {passes: 1, batch_size: 16, image_size: 32}", TestContext.Current.CancellationToken);
        await using (var run = PlatformProcess.Start("run", sweep, "--data", Data))
        {
            Assert.Equal(0, await run.ExitAsync());
        }

        var trial = Database.Rows(Data, "SELECT id || '/1' FROM sweeps").Single();
        string[] verb = ["evaluate-trial", trial, "--split", "train", "--image-size", "96", "--json", "--data", Data];
        JsonNode shared;
        await using (var platform = PlatformProcess.Start("--data", Data, "--port", "0", "--workers", "2", "--threads", "1"))
        {
            await platform.LineAsync(line => line.Contains("is ready at", StringComparison.Ordinal));
            await using var evaluating = PlatformProcess.Start(verb);
            var running = await Database.UntilRowsAsync(Data, "SELECT number, worker FROM evaluation_parts WHERE state = 'Running' AND (SELECT count(*) FROM evaluation_parts WHERE state = 'Running') = 2");
            var (number, worker) = (running[0].Split('|')[0], running[0].Split('|')[1]);
            PlatformProcess.Signal("-KILL", await platform.WorkerAsync($"Worker {worker} "));
            shared = await AnswerAsync(evaluating);

            Assert.NotEqual("1", Database.Rows(Data, $"SELECT epoch FROM evaluation_parts WHERE number = {number}").Single());
            platform.Interrupt();
            await platform.ExitAsync();
        }

        await using var alone = PlatformProcess.Start([.. verb, "--workers", "1"]);
        var single = await AnswerAsync(alone);

        Assert.Equal((4, 200, 96), ((int)shared["parts"]!, (int)shared["pictures"]!, (int)shared["image_size"]!));
        Assert.Equal(single["metrics"]!.ToJsonString(), shared["metrics"]!.ToJsonString());
        Assert.Equal(single["class_ap"]!.ToJsonString(), shared["class_ap"]!.ToJsonString());
        Assert.InRange((double)single["metrics"]!["mAP"]!, 0.01, 1);
    }

    private static async Task<JsonNode> AnswerAsync(PlatformProcess verb)
    {
        Assert.True(await verb.ExitAsync() == 0, verb.Output);
        var lines = verb.Output.Split('\n');
        return JsonNode.Parse(string.Join('\n', lines[Array.IndexOf(lines, "{")..(Array.LastIndexOf(lines, "}") + 1)]))!;
    }
}
