using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MlTr.EndToEnd.Tests.Cluster;

/// <summary>
/// A loopback port that leads to another one, and can be cut for one process or for all: nothing arrives any more, in neither direction, and nobody is
/// told, as when a cable is pulled. Healed, what was on its way arrives late, as TCP sends it again. It reads whose a connection is from /proc.
/// </summary>
internal sealed class Wire : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _cuts = new();
    private readonly HashSet<int> _cutOff = [];
    private readonly Task _accepting;
    private TaskCompletionSource _changed = New();
    private bool _isCut;

    public Wire(int target)
    {
        Target = target;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Where it leads to.</summary>
    public int Target { get; }

    /// <summary>Cuts it for everybody.</summary>
    public void Cut() => Change(() => _isCut = true);

    /// <summary>Cuts it for the connections that a process has opened, or will.</summary>
    public void Cut(int processId) => Change(() => _cutOff.Add(processId));

    public void Heal() => Change(() =>
    {
        _isCut = false;
        _cutOff.Clear();
    });

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Change(Action change)
    {
        lock (_cuts)
        {
            change();
            var told = _changed;
            _changed = New();
            told.SetResult();
        }
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptSocketAsync(_stopping.Token);
            _ = ForwardAsync(client);
        }
    }

    private async Task ForwardAsync(Socket client)
    {
        using var near = client;
        using var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var socket = InodeOf(((IPEndPoint)client.RemoteEndPoint!).Port, Port);
        try
        {
            await WhileCutAsync(socket);
            await far.ConnectAsync(IPAddress.Loopback, Target, _stopping.Token);
            await await Task.WhenAny(Task.WhenAll(PumpAsync(near, far, socket), PumpAsync(far, near, socket)));
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            // one end is gone: the other hears of it now
        }
    }

    private async Task PumpAsync(Socket from, Socket to, string? socket)
    {
        var buffer = new byte[64 * 1024];
        int count;
        do
        {
            try
            {
                count = await from.ReceiveAsync(buffer, _stopping.Token);
            }
            catch (SocketException)
            {
                count = 0;
            }

            await WhileCutAsync(socket);
            if (count > 0)
            {
                await to.SendAsync(buffer.AsMemory(0, count), _stopping.Token);
            }
        }
        while (count > 0);
        to.Shutdown(SocketShutdown.Send);
    }

    private async Task WhileCutAsync(string? socket)
    {
        while (true)
        {
            Task changed;
            lock (_cuts)
            {
                if (!_isCut && !_cutOff.Any(process => Owns(process, socket)))
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(_stopping.Token);
        }
    }

    /// <summary>The kernel's number of the socket at the other end of a connection; null if it is closed already.</summary>
    private static string? InodeOf(int port, int remotePort)
    {
        var (local, remote) = (Hexadecimal(port), Hexadecimal(remotePort));
        return File.ReadLines("/proc/net/tcp").Concat(File.ReadLines("/proc/net/tcp6")) // a socket for both protocols is in the second
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(columns => columns[1].EndsWith(local, StringComparison.Ordinal) && columns[2].EndsWith(remote, StringComparison.Ordinal))?[9];
    }

    private static string Hexadecimal(int port) => string.Create(CultureInfo.InvariantCulture, $":{port:X4}");

    private static bool Owns(int process, string? socket) => socket is not null && Directory.EnumerateFileSystemEntries($"/proc/{process}/fd")
        .Any(descriptor => new FileInfo(descriptor).LinkTarget == $"socket:[{socket}]");
}
