using Shampoo.LibTorch.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Where a tensor lives: a kind of device and, except for the CPU, its index.</summary>
    public class Device
    {
        public DeviceType type { get; } = DeviceType.CPU;

        /// <summary>The index, or -1 for "the current one".</summary>
        public int index { get; } = -1;

        public Device(DeviceType deviceType, int index = -1)
        {
            type = deviceType;
            this.index = deviceType is DeviceType.CPU or DeviceType.META ? -1 : index;
        }

        public Device(string deviceType, int index = -1) : this(Parse(deviceType), index)
        {
        }

        /// <summary>A device from its description, such as <c>cpu</c> or <c>cuda:1</c>.</summary>
        public Device(string description) : this(Parse(description.Split(':')[0]), IndexOf(description))
        {
        }

        /// <summary>The CUDA device of that index.</summary>
        public Device(int index) : this(DeviceType.CUDA, index)
        {
        }

        public static implicit operator Device(string description) => new(description);

        public override string ToString()
        {
            string name = type.ToString().ToLowerInvariant();
            return index == -1 ? name : $"{name}:{index}";
        }

        private static DeviceType Parse(string name) =>
            Enum.TryParse<DeviceType>(name, ignoreCase: true, out var type) && !int.TryParse(name, out _)
                ? type
                : throw new ArgumentException($"Invalid device type: '{name}'.", nameof(name));

        private static int IndexOf(string description)
        {
            int colon = description.IndexOf(':');
            if (colon < 0) return -1;
            return int.TryParse(description.AsSpan(colon + 1), out int index) && index >= 0
                ? index
                : throw new ArgumentException($"Invalid device description: '{description}'.", nameof(description));
        }
    }

    public static Device CPU = new(DeviceType.CPU);
    public static Device META = new(DeviceType.META);
    public static Device CUDA => InitializeDevice(new Device(DeviceType.CUDA));

    public static Device device(string deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));
    public static Device device(string description) => InitializeDevice(new Device(description));
    public static Device device(DeviceType deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));
    public static Device device(int index) => InitializeDevice(new Device(index));

    /// <summary>Makes sure that the device can be used, and gives the default for a null.</summary>
    public static Device InitializeDevice(Device? device)
    {
        device ??= _defaultDevice;
        InitializeDeviceType(device.type);
        return device;
    }

    /// <summary>Throws if this libtorch cannot use such a device.</summary>
    public static void InitializeDeviceType(DeviceType deviceType)
    {
        if (!TryInitializeDeviceType(deviceType))
            throw new InvalidOperationException($"Torch device type {deviceType} did not initialise on the current machine.");
    }

    /// <summary>Whether this libtorch can use such a device.</summary>
    public static bool TryInitializeDeviceType(DeviceType deviceType) => deviceType != DeviceType.CUDA || cuda_is_available();

    public static bool cuda_is_available() => LibTorch.shp_cuda_device_count() > 0;
}
