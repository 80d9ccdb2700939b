namespace MlTr.Abstractions.Client;

public partial interface IMlTrClient
{
    /// <summary>Gives a worker no new trial; the one that it runs it brings to its end. Kept until it is resumed, over restarts of everything.</summary>
    /// <exception cref="KeyNotFoundException">No worker of that name has called in.</exception>
    Task DrainWorkerAsync(string workerId, string by = "client");

    /// <summary>Gives a drained worker trials again; any other is left as it is.</summary>
    Task ResumeWorkerAsync(string workerId);
}

public sealed partial class MlTrClient
{
    /// <inheritdoc />
    public Task DrainWorkerAsync(string workerId, string by = "client") => Scheduler.DrainAsync(workerId, by);

    /// <inheritdoc />
    public Task ResumeWorkerAsync(string workerId) => Scheduler.ResumeAsync(workerId);
}
