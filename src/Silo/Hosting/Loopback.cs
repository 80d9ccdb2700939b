using System.Net;
using System.Net.Sockets;

namespace MlTr.Silo.Hosting;

/// <summary>Ports on the loopback interface.</summary>
internal static class Loopback
{
    /// <summary>Different ports that are free now. The system hands them out in turn, so that a moment later they still are.</summary>
    public static int[] FreePorts(int count)
    {
        var held = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        try
        {
            foreach (var listener in held)
            {
                listener.Start();
            }

            return [.. held.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in held)
            {
                listener.Dispose();
            }
        }
    }

    public static bool IsLoopback(string addresses) => addresses.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .All(address => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.IsLoopback);

    /// <summary>An address that can be called from here: one that means every interface is none to call.</summary>
    public static Uri Nearest(Uri address) =>
        IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)) ? new UriBuilder(address) { Host = "127.0.0.1" }.Uri : address;

    /// <summary>Says early, before anything else has started, that an address is taken. The web server has the last word.</summary>
    public static void ThrowIfTaken(string addresses)
    {
        foreach (var address in addresses.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Port == 0 || !IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip))
            {
                continue;
            }

            try
            {
                using var listener = new TcpListener(ip, uri.Port);
                listener.Start();
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                throw new PlatformException(StartErrors.InUse(address), error);
            }
        }
    }
}
