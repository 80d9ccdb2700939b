namespace MlTr.Silo.Hosting;

/// <summary>Leaves signals to whoever runs the host: <see cref="StopSignals"/>, or a worker's <see cref="Workers.ParentWatch"/>.</summary>
internal sealed class QuietLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
