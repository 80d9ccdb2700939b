using System.Net;
using System.Net.Sockets;

namespace MlTr.Testing;

/// <summary>Loopback ports for servers of the tests' own.</summary>
public static class FreePort
{
    /// <summary>One that is free now. The system hands them out in turn, so that a moment later it still is.</summary>
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
