placement hrw1
hash xxh64
tag ""
slots 65536
node "10.0.0.0:6379"
node "10.0.0.1:6379" weight 2
node "10.0.0.2:6379" weight 0.1
node "10.0.0.3:6379" weight 3.3333333333333335
node "10.0.0.4:6379" weight 0.001
node "10.0.0.5:6379" weight 70
node "10.0.0.6:6379"
node "10.0.0.7:6379" weight 2
node "10.0.0.8:6379" weight 0.1
node "10.0.0.9:6379" weight 3.3333333333333335
node "10.0.0.10:6379" weight 0.001
node "10.0.0.11:6379" weight 70
node "10.0.0.12:6379"
node "10.0.0.13:6379" weight 2
node "10.0.0.14:6379" weight 0.1
node "10.0.0.15:6379" weight 3.3333333333333335
node "10.0.1.0:6379" weight 0.001
node "10.0.1.1:6379" weight 70
node "10.0.1.2:6379"
node "10.0.1.3:6379" weight 2
node "10.0.1.4:6379" weight 0.1
node "10.0.1.5:6379" weight 3.3333333333333335
node "10.0.1.6:6379" weight 0.001
node "10.0.1.7:6379" weight 70
node "10.0.1.8:6379"
node "10.0.1.9:6379" weight 2
node "10.0.1.10:6379" weight 0.1
node "10.0.1.11:6379" weight 3.3333333333333335
node "10.0.1.12:6379" weight 0.001
node "10.0.1.13:6379" weight 70
node "10.0.1.14:6379"
node "10.0.1.15:6379" weight 2
node "10.0.2.0:6379" weight 0.1
node "10.0.2.1:6379" weight 3.3333333333333335
node "10.0.2.2:6379" weight 0.001
node "10.0.2.3:6379" weight 70
node "10.0.2.4:6379"
node "10.0.2.5:6379" weight 2
node "10.0.2.6:6379" weight 0.1
node "10.0.2.7:6379" weight 3.3333333333333335
node "10.0.2.8:6379" weight 0.001
node "10.0.2.9:6379" weight 70
node "10.0.2.10:6379"
node "10.0.2.11:6379" weight 2
node "10.0.2.12:6379" weight 0.1
node "10.0.2.13:6379" weight 3.3333333333333335
node "10.0.2.14:6379" weight 0.001
node "10.0.2.15:6379" weight 70
node "10.0.3.0:6379"
node "10.0.3.1:6379" weight 2
node "10.0.3.2:6379" weight 0.1
node "10.0.3.3:6379" weight 3.3333333333333335
node "10.0.3.4:6379" weight 0.001
node "10.0.3.5:6379" weight 70
node "10.0.3.6:6379"
node "10.0.3.7:6379" weight 2
node "10.0.3.8:6379" weight 0.1
node "10.0.3.9:6379" weight 3.3333333333333335
node "10.0.3.10:6379" weight 0.001
node "10.0.3.11:6379" weight 70
node "10.0.3.12:6379"
node "10.0.3.13:6379" weight 2
node "10.0.3.14:6379" weight 0.1
node "10.0.3.15:6379" weight 3.3333333333333335
node "10.0.4.0:6379" weight 0.001
node "10.0.4.1:6379" weight 70
node "10.0.4.2:6379"
node "10.0.4.3:6379" weight 2
node "10.0.4.4:6379" weight 0.1
node "10.0.4.5:6379" weight 3.3333333333333335
node "10.0.4.6:6379" weight 0.001
node "10.0.4.7:6379" weight 70
node "10.0.4.8:6379"
node "10.0.4.9:6379" weight 2
node "10.0.4.10:6379" weight 0.1
node "10.0.4.11:6379" weight 3.3333333333333335
node "10.0.4.12:6379" weight 0.001
node "10.0.4.13:6379" weight 70
node "10.0.4.14:6379"
node "10.0.4.15:6379" weight 2
node "10.0.5.0:6379" weight 0.1
node "10.0.5.1:6379" weight 3.3333333333333335
node "10.0.5.2:6379" weight 0.001
node "10.0.5.3:6379" weight 70
node "10.0.5.4:6379"
node "10.0.5.5:6379" weight 2
node "10.0.5.6:6379" weight 0.1
node "10.0.5.7:6379" weight 3.3333333333333335
node "10.0.5.8:6379" weight 0.001
node "10.0.5.9:6379" weight 70
node "10.0.5.10:6379"
node "10.0.5.11:6379" weight 2
node "10.0.5.12:6379" weight 0.1
node "10.0.5.13:6379" weight 3.3333333333333335
node "10.0.5.14:6379" weight 0.001
node "10.0.5.15:6379" weight 70
node "10.0.6.0:6379"
node "10.0.6.1:6379" weight 2
node "10.0.6.2:6379" weight 0.1
node "10.0.6.3:6379" weight 3.3333333333333335
node "10.0.6.4:6379" weight 0.001
node "10.0.6.5:6379" weight 70
node "10.0.6.6:6379"
node "10.0.6.7:6379" weight 2
node "10.0.6.8:6379" weight 0.1
node "10.0.6.9:6379" weight 3.3333333333333335
node "10.0.6.10:6379" weight 0.001
node "10.0.6.11:6379" weight 70
node "10.0.6.12:6379"
node "10.0.6.13:6379" weight 2
node "10.0.6.14:6379" weight 0.1
node "10.0.6.15:6379" weight 3.3333333333333335
node "10.0.7.0:6379" weight 0.001
node "10.0.7.1:6379" weight 70
node "10.0.7.2:6379"
node "10.0.7.3:6379" weight 2
node "10.0.7.4:6379" weight 0.1
node "10.0.7.5:6379" weight 3.3333333333333335
node "10.0.7.6:6379" weight 0.001
node "10.0.7.7:6379" weight 70
node "10.0.7.8:6379"
node "10.0.7.9:6379" weight 2
node "10.0.7.10:6379" weight 0.1
node "10.0.7.11:6379" weight 3.3333333333333335
node "10.0.7.12:6379" weight 0.001
node "10.0.7.13:6379" weight 70
node "10.0.7.14:6379"
node "10.0.7.15:6379" weight 2
node "10.0.8.0:6379" weight 0.1
node "10.0.8.1:6379" weight 3.3333333333333335
node "10.0.8.2:6379" weight 0.001
node "10.0.8.3:6379" weight 70
node "10.0.8.4:6379"
node "10.0.8.5:6379" weight 2
node "10.0.8.6:6379" weight 0.1
node "10.0.8.7:6379" weight 3.3333333333333335
node "10.0.8.8:6379" weight 0.001
node "10.0.8.9:6379" weight 70
node "10.0.8.10:6379"
node "10.0.8.11:6379" weight 2
node "10.0.8.12:6379" weight 0.1
node "10.0.8.13:6379" weight 3.3333333333333335
node "10.0.8.14:6379" weight 0.001
node "10.0.8.15:6379" weight 70
node "10.0.9.0:6379"
node "10.0.9.1:6379" weight 2
node "10.0.9.2:6379" weight 0.1
node "10.0.9.3:6379" weight 3.3333333333333335
node "10.0.9.4:6379" weight 0.001
node "10.0.9.5:6379" weight 70
node "10.0.9.6:6379"
node "10.0.9.7:6379" weight 2
node "10.0.9.8:6379" weight 0.1
node "10.0.9.9:6379" weight 3.3333333333333335
node "10.0.9.10:6379" weight 0.001
node "10.0.9.11:6379" weight 70
node "10.0.9.12:6379"
node "10.0.9.13:6379" weight 2
node "10.0.9.14:6379" weight 0.1
node "10.0.9.15:6379" weight 3.3333333333333335
node "10.0.10.0:6379" weight 0.001
node "10.0.10.1:6379" weight 70
node "10.0.10.2:6379"
node "10.0.10.3:6379" weight 2
node "10.0.10.4:6379" weight 0.1
node "10.0.10.5:6379" weight 3.3333333333333335
node "10.0.10.6:6379" weight 0.001
node "10.0.10.7:6379" weight 70
node "10.0.10.8:6379"
node "10.0.10.9:6379" weight 2
node "10.0.10.10:6379" weight 0.1
node "10.0.10.11:6379" weight 3.3333333333333335
node "10.0.10.12:6379" weight 0.001
node "10.0.10.13:6379" weight 70
node "10.0.10.14:6379"
node "10.0.10.15:6379" weight 2
node "10.0.11.0:6379" weight 0.1
node "10.0.11.1:6379" weight 3.3333333333333335
node "10.0.11.2:6379" weight 0.001
node "10.0.11.3:6379" weight 70
node "10.0.11.4:6379"
node "10.0.11.5:6379" weight 2
node "10.0.11.6:6379" weight 0.1
node "10.0.11.7:6379" weight 3.3333333333333335
node "10.0.11.8:6379" weight 0.001
node "10.0.11.9:6379" weight 70
node "10.0.11.10:6379"
node "10.0.11.11:6379" weight 2
node "10.0.11.12:6379" weight 0.1
node "10.0.11.13:6379" weight 3.3333333333333335
node "10.0.11.14:6379" weight 0.001
node "10.0.11.15:6379" weight 70
node "10.0.12.0:6379"
node "10.0.12.1:6379" weight 2
node "10.0.12.2:6379" weight 0.1
node "10.0.12.3:6379" weight 3.3333333333333335
node "10.0.12.4:6379" weight 0.001
node "10.0.12.5:6379" weight 70
node "10.0.12.6:6379"
node "10.0.12.7:6379" weight 2
node "10.0.12.8:6379" weight 0.1
node "10.0.12.9:6379" weight 3.3333333333333335
node "10.0.12.10:6379" weight 0.001
node "10.0.12.11:6379" weight 70
node "10.0.12.12:6379"
node "10.0.12.13:6379" weight 2
node "10.0.12.14:6379" weight 0.1
node "10.0.12.15:6379" weight 3.3333333333333335
node "10.0.13.0:6379" weight 0.001
node "10.0.13.1:6379" weight 70
node "10.0.13.2:6379"
node "10.0.13.3:6379" weight 2
node "10.0.13.4:6379" weight 0.1
node "10.0.13.5:6379" weight 3.3333333333333335
node "10.0.13.6:6379" weight 0.001
node "10.0.13.7:6379" weight 70
node "10.0.13.8:6379"
node "10.0.13.9:6379" weight 2
node "10.0.13.10:6379" weight 0.1
node "10.0.13.11:6379" weight 3.3333333333333335
node "10.0.13.12:6379" weight 0.001
node "10.0.13.13:6379" weight 70
node "10.0.13.14:6379"
node "10.0.13.15:6379" weight 2
node "10.0.14.0:6379" weight 0.1
node "10.0.14.1:6379" weight 3.3333333333333335
node "10.0.14.2:6379" weight 0.001
node "10.0.14.3:6379" weight 70
node "10.0.14.4:6379"
node "10.0.14.5:6379" weight 2
node "10.0.14.6:6379" weight 0.1
node "10.0.14.7:6379" weight 3.3333333333333335
node "10.0.14.8:6379" weight 0.001
node "10.0.14.9:6379" weight 70
node "10.0.14.10:6379"
node "10.0.14.11:6379" weight 2
node "10.0.14.12:6379" weight 0.1
node "10.0.14.13:6379" weight 3.3333333333333335
node "10.0.14.14:6379" weight 0.001
node "10.0.14.15:6379" weight 70
node "10.0.15.0:6379"
node "10.0.15.1:6379" weight 2
node "10.0.15.2:6379" weight 0.1
node "10.0.15.3:6379" weight 3.3333333333333335
node "10.0.15.4:6379" weight 0.001
node "10.0.15.5:6379" weight 70
node "10.0.15.6:6379"
node "10.0.15.7:6379" weight 2
node "10.0.15.8:6379" weight 0.1
node "10.0.15.9:6379" weight 3.3333333333333335
node "10.0.15.10:6379" weight 0.001
node "10.0.15.11:6379" weight 70
node "10.0.15.12:6379"
node "10.0.15.13:6379" weight 2
node "10.0.15.14:6379" weight 0.1
node "10.0.15.15:6379" weight 3.3333333333333335
node "10.0.16.0:6379" weight 0.001
node "10.0.16.1:6379" weight 70
node "10.0.16.2:6379"
node "10.0.16.3:6379" weight 2
node "10.0.16.4:6379" weight 0.1
node "10.0.16.5:6379" weight 3.3333333333333335
node "10.0.16.6:6379" weight 0.001
node "10.0.16.7:6379" weight 70
node "10.0.16.8:6379"
node "10.0.16.9:6379" weight 2
node "10.0.16.10:6379" weight 0.1
node "10.0.16.11:6379" weight 3.3333333333333335
node "10.0.16.12:6379" weight 0.001
node "10.0.16.13:6379" weight 70
node "10.0.16.14:6379"
node "10.0.16.15:6379" weight 2
node "10.0.17.0:6379" weight 0.1
node "10.0.17.1:6379" weight 3.3333333333333335
node "10.0.17.2:6379" weight 0.001
node "10.0.17.3:6379" weight 70
node "10.0.17.4:6379"
node "10.0.17.5:6379" weight 2
node "10.0.17.6:6379" weight 0.1
node "10.0.17.7:6379" weight 3.3333333333333335
node "10.0.17.8:6379" weight 0.001
node "10.0.17.9:6379" weight 70
node "10.0.17.10:6379"
node "10.0.17.11:6379" weight 2
node "10.0.17.12:6379" weight 0.1
node "10.0.17.13:6379" weight 3.3333333333333335
node "10.0.17.14:6379" weight 0.001
node "10.0.17.15:6379" weight 70
node "10.0.18.0:6379"
node "10.0.18.1:6379" weight 2
node "10.0.18.2:6379" weight 0.1
node "10.0.18.3:6379" weight 3.3333333333333335
node "10.0.18.4:6379" weight 0.001
node "10.0.18.5:6379" weight 70
node "10.0.18.6:6379"
node "10.0.18.7:6379" weight 2
node "10.0.18.8:6379" weight 0.1
node "10.0.18.9:6379" weight 3.3333333333333335
node "10.0.18.10:6379" weight 0.001
node "10.0.18.11:6379" weight 70
digest 098c87dd318dfe5d
