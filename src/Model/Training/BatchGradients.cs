using System.Diagnostics;
using MlTr.Model.Losses;
using MlTr.Model.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MlTr.Model.Training;

/// <summary>Losses of a batch, means over its pictures: the total (Eq. 18), that of the classes, and that of the object-aware token.</summary>
internal sealed record LossValues(double Total, double Classes, double Token);

/// <summary>Losses and gradients of one batch, which may go through the network in parts.</summary>
internal sealed class BatchGradients(TrainerOptions options, MlTrClassifier network, Tensor[] weights, Device device)
{
    /// <summary>Leaves the gradients in the weights, multiplied by <paramref name="scale"/>, and gives the losses without it.</summary>
    public LossValues Compute(Batch batch, long step, double scale)
    {
        using var scope = NewDisposeScope();
        Clear();
        if (batch.Images.shape[0] == 0)
        {
            throw new TrainingFailedException(step, "the batch is empty: the source of the pictures must yield as many as it was asked for.");
        }

        var (images, share) = (batch.Images, 1.0);
        Tensor? others = null;
        if (options.MixupAlpha > 0)
        {
            // The order of a batch is random: each picture meets the one at the other end.
            share = Mixup.Share(options.MixupAlpha, options.Seed, step);
            images = images.mul(share).add(images.flip(0).mul(1 - share));
            others = batch.Targets.flip(0);
        }

        var sums = new LossValues(0, 0, 0);
        var size = images.shape[0];
        var partSize = (size + options.AccumulationParts - 1) / options.AccumulationParts;
        for (var from = 0L; from < size; from += partSize)
        {
            using var part = NewDisposeScope();
            var count = Math.Min(partSize, size - from);
            Tensor Part(Tensor whole) => (count == size ? whole.alias() : whole.narrow(0, from, count)).to(device);
            var (total, classes, token) = Losses(Part(images), Part(batch.Targets), others is null ? null : Part(others), share);
            var value = total.ToDouble();
            if (!double.IsFinite(value))
            {
                throw new TrainingFailedException(step, $"the loss is {value}. A smaller learning rate or gradient clipping may help.");
            }

            var weight = (double)count / size;
            (weight * scale == 1 ? total : total.mul(weight * scale)).backward();
            sums = new LossValues(
                sums.Total + (value * weight), sums.Classes + (classes.ToDouble() * weight), sums.Token + ((token?.ToDouble() ?? 0) * weight));
        }

        return sums;
    }

    private (Tensor Total, Tensor Classes, Tensor? Token) Losses(Tensor images, Tensor targets, Tensor? others, double share)
    {
        using var half = Autocast.Of(options.Precision, device);
        var output = network.call(images);
        var classes = Mixed(t => ClassLoss(output.Logits, t));
        if (output.CountLogits is null || options.OtlWeight == 0)
        {
            return (classes, classes, null);
        }

        var token = Mixed(t => MultiLabelLosses.ObjectToken(output.CountLogits, t));
        return (classes.add(token.mul(options.OtlWeight)), classes, token);

        Tensor Mixed(Func<Tensor, Tensor> loss) =>
            others is null ? loss(targets).mean() : loss(targets).mean().mul(share).add(loss(others).mean().mul(1 - share));
    }

    private Tensor ClassLoss(Tensor logits, Tensor targets) => options.Loss switch
    {
        LossKind.Asl => MultiLabelLosses.Asymmetric(
            logits, targets, options.GammaPos, options.GammaNeg, options.Clip, options.DetachFocus, options.LabelSmoothing),
        LossKind.Bce => MultiLabelLosses.BinaryCrossEntropy(logits, targets, options.LabelSmoothing),
        LossKind.Focal => MultiLabelLosses.Focal(logits, targets, options.FocalGamma, options.LabelSmoothing),
        _ => throw new UnreachableException(),
    };

    private void Clear()
    {
        foreach (var weight in weights)
        {
            weight.grad = null;
        }
    }
}
