using System.Runtime.InteropServices;

namespace MlTr.Silo.Hosting;

/// <summary>Ctrl-C and SIGTERM, from the first moment of the process: the first asks for a good stop, a second one ends the process at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _requested = new();
    private readonly PosixSignalRegistration[] _registrations;

    public StopSignals() => _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];

    public CancellationToken Requested => _requested.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _requested.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = !_requested.IsCancellationRequested; // not cancelled: the system's own way, which ends the process
        ThreadPool.QueueUserWorkItem(_ => _requested.Cancel());
    }
}
