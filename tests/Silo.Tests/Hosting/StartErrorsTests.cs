using System.Net;
using System.Net.Sockets;
using MlTr.Grains.Storage;
using MlTr.Model.Native;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Tests.Hosting;

public sealed class StartErrorsTests
{
    private const string Address = "http://127.0.0.1:5080";

    [Fact]
    public void Explain_WhatAPersonCanActOn_IsItsOneLine()
    {
        Assert.Equal("Do this.", StartErrors.Explain(new PlatformException("Do this."), Address));
        Assert.Equal("Move it.", StartErrors.Explain(new AggregateException(new StoreStartupException("Move it.")), Address));
        Assert.Equal("a b", StartErrors.Explain(new InvalidOperationException("outer", new NativeTorchException("a\nb")), Address));
    }

    [Fact]
    public void Explain_APortInUse_SaysHowToChooseAnother() =>
        Assert.Contains("--port", StartErrors.Explain(new IOException("bind", new SocketException((int)SocketError.AddressAlreadyInUse)), Address), StringComparison.Ordinal);

    [Fact]
    public void Explain_ABug_KeepsItsStackTrace() => Assert.Null(StartErrors.Explain(new InvalidOperationException("bug"), Address));

    [Fact]
    public void ThrowIfTaken_APortInUse_IsFoundBeforeAnythingStarts()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        var error = Assert.Throws<PlatformException>(() => Loopback.ThrowIfTaken($"http://{taken.LocalEndpoint}"));

        Assert.Contains(taken.LocalEndpoint.ToString()!, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:80;http://localhost:81", true)]
    [InlineData("http://0.0.0.0:80", false)]
    [InlineData("http://127.0.0.1:80;http://example.org:81", false)]
    public void IsLoopback_AnyAddressBeyondThisMachine_IsNot(string addresses, bool expected) => Assert.Equal(expected, Loopback.IsLoopback(addresses));
}
