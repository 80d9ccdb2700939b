using System.Diagnostics;
using System.Security.Cryptography;
using MlTr.Model.Checkpoints;
using MlTr.Model.Tests.Data;

namespace MlTr.Model.Tests.Training;

/// <summary>Training in processes of their own, which are killed.</summary>
public sealed class KilledRunTests(MarksFixture marks) : IDisposable
{
    private const string Reached = "ready to be killed";

    private readonly TempFolder folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("fp32")]
    [InlineData("bf16")]
    public async Task Resume_KilledInAPassWhileSavingAndAfterSaving_EndsWithTheSameBits(string precision)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "half precision is implemented for Linux");
        var (whole, killed) = (folder["whole"], folder["killed"]);
        var undisturbed = RunAsync(whole, precision, "none");

        // Passes are 5 steps long and end with a checkpoint: killed in step 7, in the middle of writing that of step 10, and after that of step 15.
        Assert.Equal(["from 0", Reached], await RunAsync(killed, precision, "mid-pass:7"));
        Assert.Equal(["from 5", Reached], await RunAsync(killed, precision, "saving:10"));
        Assert.Equal([".unfinished-step-00000010", "step-00000005"], Directory.GetDirectories(killed).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(["from 5", Reached], await RunAsync(killed, precision, "saved:15"));
        var resumed = await RunAsync(killed, precision, "none");

        Assert.Equal("from 15", resumed[0]);
        var (expected, actual) = ((await undisturbed)[^1].Split(' '), resumed[^1].Split(' '));
        Assert.Equal("done", expected[0]);
        Assert.Equal(Hashes(expected[1]), Hashes(actual[1]));
        Assert.Equal(expected[2], actual[2]); // of the scores
        Assert.Equal(Points(whole), Points(killed));
    }

    [Fact]
    public async Task Run_DiskFullWhileSaving_SaysSoOnceAndKeepsTheCheckpointBefore()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the limit is set by a shell");
        var run = folder["full"];
        Assert.Equal(["from 0", Reached], await RunAsync(run, "fp32", "saved:5"));

        var said = await RunAsync(run, "fp32", "none", limitKilobytes: 64);

        Assert.Equal("from 5", said[0]);
        var line = Assert.Single(said[1..]);
        Assert.StartsWith("failed Training failed in step 10: the checkpoint cannot be written: ", line, StringComparison.Ordinal);
        Assert.EndsWith("The one before, step-00000005, is kept: make room and continue from it.", line, StringComparison.Ordinal);
        Assert.Equal(["step-00000005"], Directory.GetDirectories(run).Select(Path.GetFileName));
        Assert.Equal(5, CheckpointStore.FindNewestComplete(run).Newest!.State.Step);
    }

    /// <summary>What a process said until it ended; one that reaches its kill point is killed there, as by kill -9.</summary>
    private async Task<string[]> RunAsync(string run, string precision, string killPoint, int limitKilobytes = 0)
    {
        var host = Path.Combine(AppContext.BaseDirectory, "MlTr.TrainingHost.dll");
        string[] command = [Environment.ProcessPath is { } own && Path.GetFileName(own) == "dotnet" ? own : "dotnet", host, marks.Root, run, precision, killPoint];
        var start = limitKilobytes == 0
            ? new ProcessStartInfo(command[0], command[1..])
            : new ProcessStartInfo("bash", ["-c", $"trap '' XFSZ; ulimit -f {limitKilobytes}; exec \"$@\"", "bash", .. command]);
        start.RedirectStandardOutput = true;
        start.Environment["OMP_WAIT_POLICY"] = "PASSIVE";
        start.Environment["DOTNET_EnableWriteXorExecute"] = limitKilobytes == 0 ? "1" : "0"; // needs a large file, which the limit would forbid
        using var process = Process.Start(start)!;
        List<string> said = [];
        try
        {
            while (await process.StandardOutput.ReadLineAsync(Ct) is { } line)
            {
                said.Add(line);
                if (line == Reached)
                {
                    process.Kill();
                }
            }

            await process.WaitForExitAsync(Ct);
            return [.. said];
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    private static string[] Hashes(string checkpoint) =>
        [.. Directory.GetFiles(checkpoint).Order(StringComparer.Ordinal).Select(f => $"{Path.GetFileName(f)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f)))}")];

    /// <summary>Every point of a run but the timings; what was said twice, before a kill and after it, counts once if it is the same.</summary>
    private static string[] Points(string run) =>
    [
        .. File.ReadAllLines(Path.Combine(run, "points.txt"))
            .Where(line => !line.StartsWith("train/images_per_second ", StringComparison.Ordinal) && !line.StartsWith("train/data_wait_share ", StringComparison.Ordinal))
            .Distinct()
            .Order(StringComparer.Ordinal),
    ];
}
