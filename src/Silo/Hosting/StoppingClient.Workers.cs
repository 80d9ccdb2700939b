namespace MlTr.Silo.Hosting;

internal sealed partial class StoppingClient
{
    public Task DrainWorkerAsync(string workerId, string by = "client") => client.DrainWorkerAsync(workerId, by);

    public Task ResumeWorkerAsync(string workerId) => client.ResumeWorkerAsync(workerId);
}
