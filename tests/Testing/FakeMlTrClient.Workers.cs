namespace MlTr.Testing;

public sealed partial class FakeMlTrClient
{
    public Task DrainWorkerAsync(string workerId, string by = "client") => DrainAsync($"drain {workerId}", workerId, by);

    public Task ResumeWorkerAsync(string workerId) => DrainAsync($"resume {workerId}", workerId, null);

    private async Task DrainAsync(string asked, string workerId, string? by)
    {
        await Ask(asked);
        Publish(Scheduler with { Workers = [.. Scheduler.Workers.Select(worker => worker.Id == workerId ? worker with { DrainedBy = by } : worker)] });
    }
}
