using System.Globalization;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Sweeps;
using MlTr.Testing;

namespace MlTr.EndToEnd.Tests.Cluster;

/// <summary>Machines that share no data folder: each process has one of its own, and the checkpoints go by a bucket.</summary>
public sealed class ArtifactsTests
{
    [Fact(Timeout = 180_000)]
    public async Task WorkerKilled_AnotherOneGoesOnFromItsCheckpointInTheBucket_AndAPurgeEmptiesIt()
    {
        await using var bucket = new S3Server();
        await using var cluster = await TestCluster.StartAsync(TestContext.Current.CancellationToken);
        cluster.Settings.AddRange([
            ("MLTR__Platform__Artifacts", $"s3://{S3Server.Bucket}/team?endpoint={bucket.Endpoint}"), ("AWS_ACCESS_KEY_ID", S3Server.Key), ("AWS_SECRET_ACCESS_KEY", "secret")]);
        var control = cluster.Start("--roles", "control");
        var workers = new[] { "w1", "w2" }.ToDictionary(id => id, id => cluster.StartWith([], "--roles", "worker", "--worker-id", id, "--threads", "1", "--data", cluster.NewFolder()));
        await using var platform = await cluster.ConnectAsync(control, workers.Count);
        var sweep = await platform.Client.StartSweepAsync(TestCluster.Sweep("bucket", trials: 2, passes: 16).Build());
        await TestCluster.UntilAsync(() => Task.FromResult(cluster.Rows("SELECT DISTINCT trial_key FROM checkpoints").Length == 2));

        var stopped = await TestCluster.StopInATrialAsync(platform.Client, sweep, workers.GetValueOrDefault);
        PlatformProcess.Signal("-KILL", workers[stopped.Worker!].Id);
        await TestCluster.UntilAsync(async () => (await platform.Client.GetSweepAsync(sweep)).IsFinal);

        Assert.Equal(SweepState.Completed, (await platform.Client.GetSweepAsync(sweep)).State);
        cluster.AssertNothingLostOrDouble(trials: 2);
        var resumed = Assert.Single(cluster.Rows("SELECT resumed_from_step FROM attempts WHERE number = 2"));
        Assert.NotEqual(0, long.Parse(resumed, CultureInfo.InvariantCulture));
        Assert.All(bucket.Objects.Keys, name => Assert.StartsWith($"team/trials/{sweep}/", name, StringComparison.Ordinal));
        // What is recorded is what is kept.
        Assert.Equal(
            cluster.Rows("SELECT regexp_replace(path, '^.*/(trials/.*)$', '\\1') FROM checkpoints ORDER BY 1"),
            bucket.Objects.Keys.Where(name => name.EndsWith("/manifest.json", StringComparison.Ordinal)).Select(name => Path.GetDirectoryName(name["team/".Length..])!).Order(StringComparer.Ordinal));

        await platform.Client.DeleteSweepAsync(sweep);
        await platform.Client.PurgeSweepAsync(sweep);
        Assert.Empty(bucket.Objects);

        await TrainsOnADatasetOfTheBucketAsync(platform.Client, bucket, cluster.NewFolder());
    }

    private static async Task TrainsOnADatasetOfTheBucketAsync(IMlTrClient client, S3Server bucket, string pictures)
    {
        Pictures.Write(pictures);
        foreach (var file in Directory.GetFiles(pictures, "*", SearchOption.AllDirectories))
        {
            bucket.Objects[$"sets/cups/{Path.GetRelativePath(pictures, file)}"] = await File.ReadAllBytesAsync(file);
        }

        await client.RegisterDatasetAsync(new("cups", $"s3://{S3Server.Bucket}/sets/cups?endpoint={bucket.Endpoint}", "imagefolder"));
        var sweep = await client.StartSweepAsync(TestCluster.Sweep("cups", trials: 1, passes: 1).On("cups").Build());
        await TestCluster.UntilAsync(async () => (await client.GetSweepAsync(sweep)).IsFinal);

        Assert.Equal(SweepState.Completed, (await client.GetSweepAsync(sweep)).State);
    }
}
