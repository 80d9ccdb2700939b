using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using MlTr.Abstractions.Sweeps;
using MlTr.Grains.Notifications;
using MlTr.Grains.Storage;
using MlTr.Silo.Hosting;
using MlTr.Silo.Notifications;
using MlTr.Testing;

namespace MlTr.Silo.Tests.Notifications;

/// <summary>The sender against a receiver that really listens.</summary>
public sealed class WebhookSenderTests : IDisposable
{
    private const string Secret = "a secret of two parties";

    private readonly InMemoryExperimentStore _store = new();
    private readonly WebhookQueue _queue = new(isOn: true);
    private readonly HttpListener _listener = new();
    private readonly Channel<Received> _received = Channel.CreateUnbounded<Received>();
    private readonly WebhookOptions _options;
    private readonly HttpClient _http = WebhookHosting.Client();
    private Func<int, int> _answer = _ => 204;

    public WebhookSenderTests()
    {
        var address = $"http://127.0.0.1:{Loopback.FreePorts(1)[0]}/";
        _listener.Prefixes.Add(address);
        _listener.Start();
        _options = new WebhookOptions { Url = address + "hook", Secret = Secret, Dashboard = "https://mltr.example", RetryDelay = TimeSpan.FromMilliseconds(20), MaxAttempts = 4 };
        _ = ListenAsync();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _listener.Close();
        _http.Dispose();
        _queue.Dispose();
    }

    [Fact]
    public async Task Send_ASweepHasEnded_PostsASignedBodyOnce()
    {
        using var sender = await StartAsync();
        await EndAsync("s");

        var got = await _received.Reader.ReadAsync(Token);

        // As the documentation tells a receiver to check it.
        var expected = "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes($"{got.Timestamp}.{got.Body}")));
        Assert.Equal(expected, got.Signature);
        Assert.NotEqual(expected, WebhookSignature.Of("another secret", long.Parse(got.Timestamp, System.Globalization.CultureInfo.InvariantCulture), Encoding.UTF8.GetBytes(got.Body)));
        var body = JsonDocument.Parse(got.Body).RootElement;
        Assert.Equal(("sweep.completed", "completed", "val/mAP"), (body.GetProperty("event").GetString(), body.GetProperty("state").GetString(), body.GetProperty("metric").GetString()));
        Assert.Equal(("s/2", 0.8), (body.GetProperty("best").GetProperty("trial").GetString(), body.GetProperty("best").GetProperty("value").GetDouble()));
        Assert.Equal(("s", "https://mltr.example/sweeps/s"), (body.GetProperty("sweep").GetProperty("id").GetString(), body.GetProperty("link").GetString()));
        Assert.Equal(got.Delivery, body.GetProperty("id").GetString());
        await UntilEmptyAsync();
        Assert.False(_received.Reader.TryRead(out _));
        Assert.Empty(await FailuresAsync("s"));
    }

    [Fact]
    public async Task Send_TheReceiverFails_TriesAgainUnderTheSameId_AndSaysSoOnTheSweep()
    {
        _answer = number => number == 1 ? 500 : 204;
        using var sender = await StartAsync();
        await EndAsync("s");

        var (first, second) = (await _received.Reader.ReadAsync(Token), await _received.Reader.ReadAsync(Token));
        await UntilEmptyAsync();

        Assert.Equal(first.Delivery, second.Delivery);
        Assert.Contains("attempt 1 of 4: it answered 500", Assert.Single(await FailuresAsync("s")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_TheReceiverFailsForGood_IsGivenUpAfterTheBound()
    {
        _answer = _ => 503;
        using var sender = await StartAsync();
        await EndAsync("s");

        await UntilEmptyAsync();

        var failures = await FailuresAsync("s");
        Assert.Equal(4, failures.Count);
        Assert.EndsWith("given up", failures[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_WhatAnEarlierProcessDidNotFinish_IsSentAfterTheStart()
    {
        await EndAsync("s");
        var taken = Assert.Single(await _store.ListDeliveriesAsync(Token));
        await _store.SaveDeliveryAsync(taken, Token); // taken for an attempt, and then the process died

        using var sender = await StartAsync();

        Assert.Equal(taken.Notice.Id, (await _received.Reader.ReadAsync(Token)).Delivery);
        await UntilEmptyAsync();
    }

    [Fact]
    public void DelayAfter_Grows_UpToAnHour() =>
        Assert.Equal([10, 20, 40, 3_600], new[] { 1, 2, 3, 20 }.Select(attempts => new WebhookOptions().DelayAfter(attempts).TotalSeconds));

    private async Task<WebhookSender> StartAsync()
    {
        var sender = new WebhookSender(_store, _queue, _options, new WebhookLinks(_options), _http, TimeProvider.System, NullLogger<WebhookSender>.Instance);
        await sender.StartAsync(Token);
        return sender;
    }

    /// <summary>As a sweep's grain does it: the notice is written with the event, and the sender is woken.</summary>
    private async Task EndAsync(string id)
    {
        var now = TimeProvider.System.GetUtcNow();
        var notice = new Notice("delivery-" + id, "sweep.completed", now, id, "Some sweep", "completed", "val/mAP", 0.8, 2);
        await _store.SaveSweepAsync(
            new SweepRow(id, SweepTemplates.FirstSweep, SweepState.Completed, new SearchState(0, true), "ada", now, now, 0),
            [],
            [new NewEvent(now, id, null, "sweep-completed", "done", "sweep") { Notice = notice }],
            Token);
        _queue.Wake();
    }

    private async Task UntilEmptyAsync()
    {
        while (!(await _store.ListDeliveriesAsync(Token)).IsEmpty)
        {
            await Task.Delay(5, Token);
        }
    }

    private async Task<List<string>> FailuresAsync(string id) =>
        [.. (await _store.LoadEventsAsync(id, null, Token)).Where(happened => happened.Kind == "webhook-failed").Select(happened => happened.Reason)];

    private async Task ListenAsync()
    {
        try
        {
            for (var number = 1; ; number++)
            {
                var context = await _listener.GetContextAsync();
                using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
                var headers = context.Request.Headers;
                var got = new Received(headers["MlTr-Delivery"]!, headers["MlTr-Timestamp"]!, headers["MlTr-Signature"]!, await reader.ReadToEndAsync());
                context.Response.StatusCode = _answer(number);
                context.Response.Close();
                _received.Writer.TryWrite(got);
            }
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
        {
        }
    }

    private sealed record Received(string Delivery, string Timestamp, string Signature, string Body);
}
